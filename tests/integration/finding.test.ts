// Permalinks, and what is new since a visit, as a client asks for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { TestApp } from '../support/app.js';
import type { TestClient } from '../support/client.js';
import { siteWith } from '../support/sites.js';
import { startTalk, type Talk } from '../support/talk.js';

let talk: Talk;
let app: TestApp;
let ana: TestClient;
let ben: TestClient;
beforeAll(async () => {
  talk = await startTalk();
  ({ app, ana, ben } = talk);
});
afterAll(() => app.end());

describe('[VIEW8] a permalink', () => {
  it('brings a deep reply with what it answers, its neighbours and what is mine', async () => {
    const { thread } = await talk.openThread();
    const chain = [await talk.write(thread)];
    for (let n = 0; n < 8; n++) {
      const id = newId();
      await ana.must('reply:create', { thread, id, parent: chain.at(-1)!, body: `deep ${n}` });
      chain.push(id);
    }
    const target = chain.at(-1)!;
    await ben.must('reply:vote', { id: target, value: 1 });
    const found = await ben.must('thread:locate', { thread, id: target, sort: 'newest' });
    expect(found.replies.map(({ id }) => id)).toEqual(chain);
    expect(found).toMatchObject({ more: null, mine: { votes: { [target]: 1 } } });
  });

  it('goes on behind its last neighbour, and its ancestors’ lists begin at their beginning', async () => {
    const { thread } = await talk.openThread();
    const root = await talk.write(thread);
    const children: string[] = [];
    for (let n = 0; n < 14; n++) {
      children.push(newId());
      await ana.must('reply:create', { thread, id: children[n]!, parent: root, body: `child ${n}` });
    }
    const found = await ben.must('thread:locate', { thread, id: children[6]!, sort: 'oldest' });
    expect(found.replies.map(({ id }) => id)).toEqual([root, ...children.slice(1, 12)]);
    expect(found.more?.count).toBe(2);
    const page = { thread, parent: root, sort: 'oldest' } as const;
    const behind = await ben.must('thread:page', { ...page, after: found.more!.after });
    expect(behind.replies.map(({ id }) => id)).toEqual(children.slice(12));
    expect(behind.more).toBeNull();
    const { more } = found.replies[0]!;
    expect(more?.count).toBe(3);
    const begin = await ben.must('thread:page', { ...page, after: more!.after, limit: 2 });
    expect(begin.replies.map(({ id }) => id)).toEqual(children.slice(0, 2));
  });

  it('of another thread, another site or nothing is not found', async () => {
    const [here, there] = [await talk.openThread(), await talk.openThread()];
    const id = await talk.write(there.thread);
    const sort = 'oldest';
    expect(await ben.refused('thread:locate', { thread: here.thread, id, sort })).toMatchObject({ code: 'not_found' });
    const { other } = await siteWith(app);
    expect(await other.refused('thread:locate', { thread: there.thread, id, sort })).toMatchObject({
      code: 'not_found',
    });
  });
});

describe('[VIEW9] what is new since a visit', () => {
  it('is what others wrote after that cursor', async () => {
    const { thread, key } = await talk.openThread();
    await talk.write(thread);
    const { cursor } = await ben.snapshot(key);
    const id = await talk.write(thread);
    await ben.must('reply:create', { thread, id: newId(), body: 'my own' });
    expect(await ben.must('thread:news', { thread, since: cursor })).toEqual({ count: 1, news: [{ id, root: id }] });
    for (const since of [
      { ...cursor, epoch: newId() },
      { ...cursor, seq: 10_000 },
    ])
      expect(await ben.must('thread:news', { thread, since })).toEqual({ count: 0, news: [] });
  });
});
