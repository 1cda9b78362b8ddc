import { describe, expect, it } from 'vitest';
import { readRules, RuleError, STANDARD_RULES, writeRules } from '../../server/sites/rules.js';

describe('[RULES1] the rules of a site', () => {
  it('are read as an owner writes them', () => {
    expect(readRules(['votes=up', 'reactions=👍 ❤️  🇺🇦 1️⃣ 👍', 'edit-window=900', 'undo=0', 'presence=off'])).toEqual({
      votes: 'up',
      reactions: ['👍', '❤️', '🇺🇦', '1️⃣'],
      editWindowSeconds: 900,
      undoSeconds: 0,
      presence: false,
    });
    expect(readRules(['reactions=', 'edit-window=forever', 'typing=on'])).toEqual({
      reactions: [],
      editWindowSeconds: null,
      typing: true,
    });
  });

  it('are written so that they can be read again', () => {
    for (const rules of [STANDARD_RULES, { ...STANDARD_RULES, reactions: [], editWindowSeconds: 60, typing: false }]) {
      const pairs = writeRules(rules)
        .replaceAll('"', '')
        .split(/ (?=[\w-]+=)/);
      expect(readRules(pairs)).toEqual(rules);
    }
  });

  it.each([
    [[], /at least one/],
    [['votes'], /no rule/],
    [['votes=maybe'], /none, up or updown/],
    [['colour=red'], /no rule/],
    [['constructor=x'], /no rule/],
    [['reactions=ok'], /not one emoji/],
    [['reactions=👍❤️'], /not one emoji/],
    [['reactions=<b>'], /not one emoji/],
    [['reactions=😀 😃 😄 😁 😆 😅 😂 🤣 😊'], /at most 8/],
    [['edit-window=-1'], /number of seconds, or forever/],
    [['undo=forever'], /number of seconds\./],
    [['undo=1e9'], /number of seconds/],
    [['undo=999999999'], /number of seconds/],
    [['presence=yes'], /on or off/],
  ])('%j is refused', (given, says) => {
    expect(() => readRules(given)).toThrow(RuleError);
    expect(() => readRules(given)).toThrow(says);
  });
});
