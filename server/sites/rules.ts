// What a site allows (RULES1): the rules of a new site, and reading what an owner sets from the command line.
import { EMOJI_MAX, REACTIONS_MAX } from '../../shared/limits.js';
import type { Rules } from '../../shared/views.js';

/** The same as the defaults of the table. */
export const STANDARD_RULES: Rules = {
  votes: 'updown',
  reactions: ['👍', '❤️', '😄', '🎉', '🤔', '😢'],
  editWindowSeconds: null,
  undoSeconds: 600,
  presence: true,
  typing: true,
};

/** What can't be set; the message says what can. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

/** Ten years: beyond it "for ever" is meant. */
const SECONDS_MAX = 315_360_000;

const READERS: Readonly<Record<string, (value: string) => Partial<Rules>>> = {
  // A name such as "constructor" is no rule.
  __proto__: null as never,
  votes: (value) => {
    if (value !== 'none' && value !== 'up' && value !== 'updown') throw new RuleError('votes is none, up or updown.');
    return { votes: value };
  },
  reactions: (value) => ({ reactions: emojiOf(value) }),
  'edit-window': (value) => ({ editWindowSeconds: value === 'forever' ? null : secondsOf('edit-window', value) }),
  undo: (value) => ({ undoSeconds: secondsOf('undo', value) }),
  presence: (value) => ({ presence: isOn('presence', value) }),
  typing: (value) => ({ typing: isOn('typing', value) }),
};

/** Rules from `name=value`. Throws a RuleError. */
export function readRules(given: readonly string[]): Partial<Rules> {
  if (given.length === 0) throw new RuleError(`Name at least one rule: ${Object.keys(READERS).join(', ')}.`);
  return Object.assign(
    {},
    ...given.map((pair) => {
      const [, name = '', value = ''] = /^([\w-]+)=(.*)$/s.exec(pair) ?? [];
      const read = READERS[name];
      if (!read) throw new RuleError(`${JSON.stringify(pair)} is no rule. Rules: ${Object.keys(READERS).join(', ')}.`);
      return read(value);
    }),
  );
}

/** As `readRules` reads them. */
export function writeRules(rules: Rules): string {
  return [
    `votes=${rules.votes}`,
    `reactions=${JSON.stringify(rules.reactions.join(' '))}`,
    `edit-window=${rules.editWindowSeconds ?? 'forever'}`,
    `undo=${rules.undoSeconds}`,
    `presence=${rules.presence ? 'on' : 'off'}`,
    `typing=${rules.typing ? 'on' : 'off'}`,
  ].join(' ');
}

function emojiOf(value: string): string[] {
  const list = [...new Set(value.split(/\s+/).filter(Boolean))];
  if (list.length > REACTIONS_MAX) throw new RuleError(`reactions holds at most ${REACTIONS_MAX} emoji.`);
  const wrong = list.find((emoji) => !isEmoji(emoji));
  if (wrong !== undefined)
    throw new RuleError(`reactions: ${JSON.stringify(wrong)} is not one emoji. Put spaces between them.`);
  return list;
}

/** One sign that is drawn as an emoji: a picture by itself, or made one by what stands behind it (flags, keycaps). */
function isEmoji(text: string): boolean {
  const signs = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)];
  const isPicture = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20e3/u.test(text);
  return signs.length === 1 && text.length <= EMOJI_MAX && isPicture;
}

function secondsOf(name: string, value: string): number {
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(seconds <= SECONDS_MAX))
    throw new RuleError(`${name} is a number of seconds${name === 'undo' ? '' : ', or forever'}.`);
  return seconds;
}

function isOn(name: string, value: string): boolean {
  if (value !== 'on' && value !== 'off') throw new RuleError(`${name} is on or off.`);
  return value === 'on';
}
