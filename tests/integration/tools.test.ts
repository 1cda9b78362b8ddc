// The command-line tools, run as people run them, against a real server.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SAMPLE, SAMPLE_KEY } from '../../demo/sample.js';
import { SECRET_SETTING } from '../../server/database/secret-setting.js';
import { writeSecrets } from '../../server/secrets/secrets.js';
import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { createTestDatabase } from '../support/database.js';
import { makeLargeThread } from '../support/large-thread.js';
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

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** The command as it is shipped. */
const AFTERWORD = 'tools/afterword.mjs';

/** In a shell, of which `shell` is what is said first. */
function runIn(shell: string, env: Record<string, string>, tool: string, ...args: string[]): Promise<Ended> {
  const loader = tool.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const command = ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, ...loader, tool, ...args];
  const given = { env: { ...process.env, DATABASE_URL: app.database.url, ...env }, timeout: 20_000 };
  return new Promise((resolve) => {
    execFile('sh', command, given, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
const run = (tool: string, ...args: string[]): Promise<Ended> => runIn(':', {}, tool, ...args);
const admin = (...args: string[]) => run(AFTERWORD, 'admin', ...args);

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

  it("names the server in a new site's snippet where PUBLIC_URL says it", async () => {
    const env = { PUBLIC_URL: 'https://talk.example.com' };
    const made = await runIn(':', env, AFTERWORD, 'admin', 'site', 'add', 'named', 'https://example.com');
    expect(made.out).toContain('<script async src="https://talk.example.com/afterword.js" data-site="named">');
  });

  it('does nothing where it was not told exactly what', async () => {
    await admin('site', 'add', 'exact', 'https://example.com');
    const secrets = (await admin('secret', 'show')).out;
    const wrong = [
      [['site', 'list', 'exact'], '"exact" is a word too many'],
      [['thread', 'close', 'exact', 'a', 'key'], '"key" is a word too many'],
      [['site', 'refuse', 'exact', 'https://exmple.com'], 'does not accept https://exmple.com anyway'],
      [['site', 'owner', 'exact', 'a'.repeat(65)], 'At most 64 characters.'],
      [['site', 'show', 'exact', '--overlap', '3'], '--overlap belongs to'],
      [['secret', 'rotate', '--overlap', ''], 'a number of days'],
      [['secret', 'rotate', '--overlap', '0x1'], 'a number of days'],
      [['secret', 'rotate', 'now'], '"now" is a word too many'],
    ] as const;
    const ended = await Promise.all(wrong.map(([args]) => admin(...args)));
    for (const [n, [args, said]] of wrong.entries()) {
      const { code, out, err } = ended[n]!;
      expect({ args, refused: code > 0, out, said: err.includes(said) }).toEqual({
        args,
        refused: true,
        out: '',
        said: true,
      });
    }
    expect((await admin('site', 'list')).out).toContain('exact (exact): https://example.com\n');
    expect((await admin('secret', 'show')).out).toBe(secrets);
  });

  it('[PROC6] says which secret signs and until when an earlier one is believed, and never the secrets', async () => {
    const earlier = { value: 'a secret of sufficient length, the first', from: 0, until: Date.UTC(2100, 0) };
    const later = { value: 'a secret of sufficient length, the second', from: 1, until: null };
    const setting = { name: SECRET_SETTING, value: writeSecrets({ all: [earlier, later] }) };
    const { sql } = app.database;
    await sql`insert into settings ${sql(setting)} on conflict (name) do update set value = excluded.value`;
    expect((await admin('secret', 'show')).out).toBe(
      'Kept in: the database\n  one that is believed until 2100-01-01T00:00:00.000Z\n  one that signs\n',
    );
  });

  it('lists threads with nothing in their keys that steers a terminal', async () => {
    const ana = await connectGuest(app.url, 'Ana');
    await ana.snapshot('back\u202ewards');
    expect((await admin('thread', 'list', 'demo')).out).toContain('"back\\u{202e}wards": 0 replies, open');
    ana.close();
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

describe('backup', () => {
  const backup = (shell: string, env: Record<string, string>, file: string): Promise<Ended> =>
    runIn(shell, env, AFTERWORD, 'backup', file);

  it('[PROC5] that finds no room for its file says so, leaves nothing of it, and ends', async () => {
    const large = await createTestDatabase();
    try {
      await makeLargeThread(large.sql, { total: 60_000, roots: 100 });
      const file = join(folder, 'no-room.backup');
      // In blocks of 512 bytes: less than what the database has sent when the first of it was written.
      const full = await backup('ulimit -f 400', { DATABASE_URL: large.url }, file);
      expect(full).toMatchObject({ code: 1, out: '' });
      expect(full.err).toContain('could not be written (no file may be that large, EFBIG). Nothing of it was left.\n');
      expect(readdirSync(folder).filter((name) => name.startsWith('no-room'))).toEqual([]);
      const away = await backup('exec >/dev/full', { DATABASE_URL: large.url }, '-');
      expect(away).toMatchObject({ code: 1, err: expect.stringContaining('the disk is full, ENOSPC') });
      expect(away.err).not.toContain('    at ');
    } finally {
      await large.drop();
    }
  }, 60_000);

  it('says what an interrupted one left in its way', async () => {
    const file = join(folder, 'again.backup');
    const blocked = await backup(`touch '${file}'.$$.part`, {}, file);
    expect(blocked).toMatchObject({ code: 1, out: '' });
    expect(blocked.err).toMatch(/^A backup that was interrupted left \S+again\.backup\.\d+\.part\. Remove it/);
  });

  it('into a folder, or by a user who may not read all, is refused in words', async () => {
    expect(await backup(':', {}, folder)).toMatchObject({ code: 1, err: expect.stringContaining('is a folder') });
    const role = `reader_${newId().replaceAll('-', '')}`;
    const url = new URL(app.database.url);
    await app.database.sql.unsafe(`create role ${role} login password 'x'`);
    try {
      url.username = role;
      url.password = 'x';
      const refused = await backup(':', { DATABASE_URL: url.href }, join(folder, 'denied.backup'));
      expect(refused).toMatchObject({ code: 1, out: '' });
      expect(refused.err).toMatch(/^The database refuses \(permission denied for schema drizzle\)\. .+\n$/);
    } finally {
      await app.database.sql.unsafe(`drop role ${role}`);
    }
  });
});

describe('afterword', () => {
  it.each([
    ['18.20.8', 1],
    ['20.9.0', 1],
    ['20.19.0', 0],
    ['100.0.0', 0],
  ])('under Node.js %s ends with %i', async (node, code) => {
    const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`;
    const env = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(versions)}"` };
    const ended = await runIn(':', env, AFTERWORD, 'version');
    expect(ended).toMatchObject({ code, out: code === 0 ? '0.1.0\n' : '' });
    if (code > 0) expect(ended.err).toContain(`Afterword needs Node.js 20.19 or later; this is ${node}`);
  });
});

describe('a suite that is run by hand', () => {
  it.each([
    ['tests/faults/main.ts', '--seeds=abc', '"abc" is no seed'],
    ['tests/faults/main.ts', '--stage=three nodes', 'There is no stage "three nodes".'],
    ['tests/faults/main.ts', '--count=0', '--count is a number of faults.'],
    ['tests/faults/main.ts', '--fault=toString', 'There is no fault "toString".'],
    ['tests/fuzz/main.ts', '--inputs=0', '--inputs and --seed are whole numbers.'],
    ['tests/fuzz/main.ts', '--help', "Unknown option '--help'"],
  ])('%s %s is no sound run of nothing', async (tool, option, said) => {
    const { code, out, err } = await run(tool, option);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).toContain('Usage: npm run test:');
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

  it('says what is wrong with its file or its options, and that a server does not answer', async () => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, '{"title":"T"}');
    const wrong = await run('tools/replay.ts', file);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining(`${file} is no recording`) });
    const bogus = await run('tools/replay.ts', file, '--sever', app.url);
    expect(bogus).toMatchObject({ code: 1, err: expect.stringContaining("Unknown option '--sever'") });
    expect(bogus.err).not.toContain('    at ');
    await writeFile(file, JSON.stringify({ title: 'T', posts: [] }));
    // It waits for as long as it takes: ended from outside.
    const away = await runIn('set -- timeout 3 "$@"', {}, 'tools/replay.ts', file, '--server', 'http://127.0.0.1:1');
    expect(away.err).toContain('http://127.0.0.1:1 does not answer; it is asked until it does.');
  });

  it('says so where the server refuses it for good', async () => {
    const file = join(folder, 'short.json');
    await writeFile(file, JSON.stringify({ title: 'T', posts: [] }));
    const refused = await run('tools/replay.ts', file, '--server', app.url, '--site', 'nowhere');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('no site of this name') });
  });
});
