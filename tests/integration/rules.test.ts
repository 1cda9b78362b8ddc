// The rules of a site, as a client meets them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { STANDARD_RULES } from '../../server/sites/rules.js';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { setRules, siteWith } from '../support/sites.js';
import { until } from '../support/until.js';

let app: TestApp;
let ana: TestClient;
beforeAll(async () => {
  app = await startTestApp();
  ana = await connectGuest(app.url, 'Ana');
});
afterAll(() => app.end());

describe('[RULES1] the rules of a site', () => {
  it('come with every join, both ways', async () => {
    const key = newId();
    const joined = await ana.join(key);
    // And what this server has (CUR9).
    const rules = { ...STANDARD_RULES, digest: true };
    expect(joined.rules).toEqual(rules);
    if (joined.mode !== 'snapshot') throw new Error('no snapshot');
    expect(await ana.join(key, { cursor: joined.cursor })).toMatchObject({ mode: 'delta', rules });
  });

  it('hold for votes', async () => {
    const none = await siteWith(app, { votes: 'none' });
    expect(await none.other.refused('reply:vote', { id: none.reply, value: 1 })).toMatchObject({ code: 'forbidden' });
    const up = await siteWith(app, { votes: 'up' });
    expect(await up.other.refused('reply:vote', { id: up.reply, value: -1 })).toMatchObject({ code: 'forbidden' });
    expect(await up.other.must('reply:vote', { id: up.reply, value: 1 })).toEqual({ score: 1, value: 1 });
    await setRules(app, up.id, { votes: 'none' });
    await until(async () => !(await up.other.ask('reply:vote', { id: up.reply, value: 1 })).ok, 'the new rules', {
      withinMs: 8_000,
      everyMs: 250,
    });
    // Taking back is never refused.
    expect(await up.other.must('reply:vote', { id: up.reply, value: 0 })).toEqual({ score: 0, value: 0 });
  });

  it('hold for the time in which a reply may be edited, and the text is not touched after it', async () => {
    const { reply, author } = await siteWith(app, { editWindowSeconds: 0 });
    await until(async () => {
      const answer = await author.ask('reply:edit', { id: reply, body: 'late', base: 1 });
      return !answer.ok && answer.error.code === 'too_late';
    }, 'the window to be over');
    expect(await author.must('reply:source', { id: reply })).toEqual({ body: 'Hello' });
    const open = await siteWith(app, { editWindowSeconds: 600 });
    expect(await open.author.must('reply:edit', { id: open.reply, body: 'in time', base: 1 })).toMatchObject({
      reply: { rev: 2 },
    });
  });

  it('hold for who is there and who is writing', async () => {
    const { thread, author, other } = await siteWith(app, { presence: false, typing: false });
    other.socket.emit('thread:typing', { thread });
    await until(() => author.pushed('thread:beat').some((beat) => beat.thread === thread), 'a beat');
    await author.must('reply:create', { thread, id: newId(), body: 'More' });
    for (const beat of author.pushed('thread:beat')) {
      if (beat.thread === thread) expect(beat).toMatchObject({ readers: 0, typing: [] });
    }
  });
});
