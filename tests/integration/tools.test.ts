// The command-line tools, run as people run them, against a real server.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SAMPLE, SAMPLE_KEY } from '../../demo/sample.js';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'afterword-tools-'));
});
afterAll(async () => {
  await app.end();
  await rm(folder, { recursive: true, force: true });
});

function run(tool: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = [join('node_modules', 'tsx', 'dist', 'cli.mjs'), tool, ...args];
  const env = { ...process.env, DATABASE_URL: app.database.url };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
const admin = (...args: string[]) => run('server/commands/main.ts', 'admin', ...args);

describe('admin', () => {
  it('makes a site whose pages are then accepted, and no others', async () => {
    const made = await admin('site', 'add', 'my-blog', 'HTTPS://Example.com:443');
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('data-site="my-blog"');
    const ok = await connectClient(app.url, { site: 'my-blog' }, { origin: 'https://example.com' });
    ok.close();
    await expect(connectClient(app.url, { site: 'my-blog' }, { origin: 'https://example.org' })).rejects.toMatchObject({
      data: { code: 'origin_refused' },
    });
    expect((await admin('site', 'list')).out).toContain('my-blog (my-blog): https://example.com\n');
  });

  it('says what is wrong with an origin, and changes nothing', async () => {
    const refused = await admin('site', 'add', 'other', 'example.com');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('https://example.com');
    expect((await admin('site', 'list')).out).not.toContain('other');
  });

  it('[RULES1] sets what a site allows, shows it, and says what is wrong without changing anything', async () => {
    await admin('site', 'add', 'ruled', 'https://example.com');
    const set = await admin('site', 'set', 'ruled', 'votes=up', 'reactions=👍 ❤️', 'edit-window=900', 'presence=off');
    expect(set).toMatchObject({ code: 0, err: '' });
    const rules = 'votes=up reactions="👍 ❤️" edit-window=900 undo=600 presence=off typing=on';
    expect((await admin('site', 'show', 'ruled')).out).toBe(`${rules}\n`);
    const refused = await admin('site', 'set', 'ruled', 'typing=off', 'votes=maybe');
    expect(refused).toMatchObject({ code: 1, out: '', err: 'votes is none, up or updown.\n' });
    expect((await admin('site', 'show', 'ruled')).out).toBe(`${rules}\n`);
    const client = await connectClient(app.url, { site: 'ruled' }, { origin: 'https://example.com' });
    expect((await client.join(newId())).rules).toMatchObject({ votes: 'up', reactions: ['👍', '❤️'], presence: false });
    client.close();
  });

  it('shows the earlier texts of a reply, with nothing in them that steers a terminal', async () => {
    const ana = await connectGuest(app.url, 'Ana');
    const { thread } = await ana.snapshot(newId());
    const id = newId();
    await ana.must('reply:create', { thread: thread.id, id, body: 'the first\u202e text' });
    await ana.must('reply:edit', { id, body: 'the second', base: 1 });
    const shown = await admin('reply', 'history', id);
    expect(shown.out).toMatch(/^Text 1, until .*Z:\n\nthe first\ufffd text\n/);
    expect(await admin('reply', 'history', 'no-id')).toMatchObject({ code: 1 });
    expect((await admin('reply', 'history', newId())).out).toBe('There are no earlier texts.\n');
    ana.close();
  });

  it('prints its usage where it does not know the command', async () => {
    expect(await admin('make', 'coffee')).toMatchObject({
      code: 2,
      err: expect.stringContaining('thread close ID KEY'),
    });
    expect((await admin('site', 'lst')).err).toContain('did you mean "site list"?');
  });

  it('closes a thread: a running server tells its readers and refuses new replies', async () => {
    const ana = await connectGuest(app.url, 'Ana');
    const joined = await ana.join('to-be-closed');
    if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
    expect((await admin('thread', 'close', 'demo', 'to-be-closed')).out).toContain('is now closed');
    await until(() => ana.pushed('thread:delta').some(({ info }) => info?.state === 'closed'), 'the reader to be told');
    const answer = await ana.ask('reply:create', { thread: joined.thread.id, id: newId(), body: 'Too late' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'thread_closed' } });
    expect((await admin('thread', 'open', 'demo', 'to-be-closed')).out).toContain('is now open');
    ana.close();
  });

  it('[SEQ6] takes the sample away, keeps what others answered, and starts a new epoch', async () => {
    const ana = await connectGuest(app.url, 'Ana');
    const before = await ana.join(SAMPLE_KEY);
    if (before.mode !== 'snapshot') throw new Error('expected a snapshot');
    expect(before.thread.count).toBe(SAMPLE.length);
    const parent = SAMPLE.find(({ parent: up }) => up !== null)!;
    const id = newId();
    await ana.must('reply:create', { thread: before.thread.id, id, parent: parent.id, body: 'Mine stays' });

    expect((await admin('sample', 'remove')).out).toContain(`Took ${SAMPLE.length} sample replies away`);
    await until(() => ana.pushed('thread:stale').length > 0, 'the reader to be told to join again');
    const after = await ana.join(SAMPLE_KEY, { cursor: before.cursor });
    if (after.mode !== 'snapshot') throw new Error('expected a snapshot');
    expect(after.cursor.epoch).not.toBe(before.cursor.epoch);
    expect(after.thread.count).toBe(1);
    const left = after.replies.filter(({ state }) => state === 'published');
    expect(left.map((reply) => reply.id)).toEqual([id]);
    // Nothing of a sample reply that somebody answered is left but its place.
    const tombstones = after.replies.filter(({ state }) => state === 'removed');
    expect(tombstones.map((reply) => reply.id)).toContain(parent.id);
    expect(tombstones.every(({ html, author }) => html === '' && author.name === '')).toBe(true);
    expect((await admin('sample', 'remove')).out).toContain('no sample');
    ana.close();
  });
});

describe('replay', () => {
  it('plays a recording as several guests, keeps the tree, and survives names that nobody may have', async () => {
    const file = join(folder, 'recorded.json');
    const post = (id: string, parent: string | null, author: string | null, text: string, kind = 'comment') => ({
      id,
      parent,
      kind,
      author,
      text,
    });
    const posts = [
      post('h', null, null, 'A topic', 'heading'),
      post('a', 'h', 'Ana', 'First'),
      post('b', 'a', 'Moderator', 'Second'),
      post('c', 'b', 'Ana', 'Third'),
      post('d', 'h', null, 'Fourth'),
    ];
    await writeFile(file, JSON.stringify({ title: 'Recorded', posts }));
    const played = await run('tools/replay.ts', file, '--server', app.url, '--per-second', '100');
    expect(played.out).toContain('4 of 4 replies of 3 guests stand in thread "replay-recorded"');
    expect(played.code).toBe(0);
  });

  it('says what it needs where it is given no file', async () => {
    expect(await run('tools/replay.ts')).toMatchObject({
      code: 1,
      err: expect.stringContaining('npm run replay -- FILE'),
    });
  });

  it('says so where the server refuses it for good', async () => {
    const file = join(folder, 'short.json');
    await writeFile(file, JSON.stringify({ title: 'T', posts: [] }));
    const refused = await run('tools/replay.ts', file, '--server', app.url, '--site', 'nowhere');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('no site of this name') });
  });
});
