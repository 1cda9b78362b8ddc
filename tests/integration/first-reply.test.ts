// The main path end to end, as a third-party client sees it.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.end());

it('[PUMP1] a reply reaches another reader as one delta that continues its cursor', async () => {
  const ana = await connectGuest(app.url, 'Ana');
  const ben = await connectClient(app.url);
  const joined = await ben.join('first');
  if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
  const { id: thread } = joined.thread;
  await ana.join('first');

  const id = newId();
  const { reply } = await ana.must('reply:create', { thread, id, body: 'Hello *there*' });
  expect(reply).toMatchObject({
    id,
    parent: null,
    born: 1,
    seq: 1,
    rev: 1,
    depth: 0,
    author: { name: 'Ana', badge: 'guest' },
  });
  expect(reply.html).toContain('<em>there</em>');

  await until(() => ben.pushed('thread:delta').length === 1, 'Ben to get the delta');
  const [delta] = ben.pushed('thread:delta');
  expect(delta).toMatchObject({
    v: 1,
    thread,
    epoch: joined.cursor.epoch,
    from: joined.cursor.seq,
    to: 1,
    info: { count: 1 },
  });
  expect(delta!.replies).toEqual([reply]);

  const child = newId();
  await ana.must('reply:create', { thread, id: child, parent: id, body: 'And again' });
  await until(() => ben.pushed('thread:delta').length === 2, 'Ben to get the answer');
  expect(ben.pushed('thread:delta')[1]).toMatchObject({
    from: 1,
    to: 2,
    replies: [{ id: child, parent: id, root: id, depth: 1 }],
    touched: [{ id, seq: 2, score: 0, replies: 1 }],
  });
  ana.close();
  ben.close();
});
