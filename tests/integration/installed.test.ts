// `npx afterword` as its users have it: the packed tarball in an empty folder, walked through as an owner would.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connectClient, connectGuest } from '../support/client.js';
import { createTestDatabase } from '../support/database.js';
import { send } from '../support/http.js';
import { installPacked, type Installed } from '../support/installed.js';
import { isRoot, readOnly } from '../support/read-only.js';

let installed: Installed;
beforeAll(() => {
  installed = installPacked();
}, 180_000);
afterAll(() => installed.remove());

describe('npx afterword', () => {
  it('says its version, and what it can do', async () => {
    expect(await installed.afterword(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    const help = await installed.afterword(['help']);
    for (const name of ['start', 'admin', 'backup', 'restore', 'doctor', 'version', 'help'])
      expect(help.out).toContain(`\n  ${name}`);
    expect((await installed.afterword(['help', 'start'])).out).toContain('DATABASE_URL');
    expect((await installed.afterword(['admin', '--help'])).out).toContain('site add ID ORIGIN');
  });

  it('refuses what it does not know with 2, and names what was probably meant', async () => {
    const wrong = [
      [['strat'], 'did you mean start?'],
      [['start', '--prot', '80'], 'There is no option --prot.'],
      [['admin', 'site', 'ad'], 'did you mean "site add"?'],
      [['version', '--hepl'], 'did you mean --help?'],
      [['--verion'], 'did you mean --version?'],
    ] as const;
    for (const [args, said] of wrong) {
      expect(await installed.afterword(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) });
    }
    const env = { DATABASE_URL: 'postgres://u:50%off@127.0.0.1/d' };
    const unread = await installed.afterword([], env);
    expect(unread).toMatchObject({ code: 1, err: expect.stringContaining('% is written %25') });
    expect(unread.err).not.toContain('off');
    const nothing = {
      code: 1,
      out: '',
      err: expect.stringContaining(`There is no database in ${installed.folder}/data`),
    };
    expect(await installed.afterword(['backup'])).toMatchObject(nothing);
    expect(await installed.afterword(['admin', 'site', 'list'])).toMatchObject(nothing);
    expect(existsSync(join(installed.folder, 'data'))).toBe(false);
  });

  it("is backed up while it serves and restored elsewhere: into another folder, and into a PostgreSQL of one's own", async () => {
    const server = await installed.start();
    const ana = await connectClient(server.url);
    const { me, token } = await ana.must('me:guest', { name: 'Ana' });
    const { thread } = await ana.snapshot('moved');
    const id = newId();
    await ana.must('reply:create', { thread: thread.id, id, body: 'moved' });
    ana.close();
    const looked = await installed.afterword(['doctor'], { PORT: new URL(server.url).port, PUBLIC_URL: server.url });
    expect(looked).toMatchObject({ code: 0, out: expect.stringContaining('WebSocket: It gets through.') });
    const taken = await installed.afterword(['backup', 'all.backup']);
    expect(taken).toMatchObject({ code: 0, out: 'all.backup\n', err: expect.stringContaining('8 replies') });
    expect(statSync(join(installed.folder, 'all.backup')).mode & 0o777).toBe(0o600);
    const refused = await installed.afterword(['restore', 'all.backup', '--replace']);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('Stop it first. Nothing was changed.') });
    await server.stop();
    expect(await installed.afterword(['restore', 'all.backup'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('it holds 1 site, 2 threads and 8 replies'),
    });

    const own = await createTestDatabase({ migrated: false });
    try {
      for (const env of [{ AFTERWORD_DATA_DIR: join(installed.folder, 'data-2') }, { DATABASE_URL: own.url }]) {
        expect(await installed.afterword(['restore', '--check', 'all.backup'], env)).toMatchObject({
          code: 0,
          out: '',
        });
        const restored = await installed.afterword(['restore', 'all.backup'], env);
        expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('8 replies') });
        const again = await installed.start(env);
        // The secret came along: who wrote it is who they were.
        const client = await connectClient(again.url, { token });
        expect(await client.snapshot('moved')).toMatchObject({ replies: [{ id }], you: { me } });
        client.close();
        await again.stop();
      }
    } finally {
      await own.drop();
    }
  }, 60_000);

  it('[PROC1] starts in an empty folder, makes its data there, and is administered while it runs and after', async () => {
    const server = await installed.start();
    expect(existsSync(join(installed.folder, 'data', 'pgdata'))).toBe(true);
    const made = await installed.afterword(['admin', 'site', 'add', 'my-blog', 'https://example.com']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const client = await connectClient(server.url, { site: 'my-blog' }, { origin: 'https://example.com' });
    client.close();
    const ana = await connectGuest(server.url, 'Ana');
    const { thread } = await ana.snapshot('kept');
    await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'kept' });
    ana.close();
    const rotated = await installed.afterword(['admin', 'secret', 'rotate', '--overlap', '7']);
    expect(rotated).toMatchObject({
      code: 0,
      out: expect.stringMatching(/one that signs, and is believed until .*\n.*signs from/),
    });
    expect(statSync(join(installed.folder, 'data', 'secrets', 'tokens')).mode & 0o777).toBe(0o600);
    await server.stop();
    expect(existsSync(join(installed.folder, 'data', 'pgdata', 'postmaster.pid'))).toBe(false);
    expect((await installed.afterword(['admin', 'site', 'list'])).out).toContain(
      'my-blog (my-blog): https://example.com',
    );
    expect((await installed.afterword(['admin', 'thread', 'list', 'demo'])).out).toContain('"kept": 1 reply, open');
  });

  it('[PROC1] ends in order where npx alone is told to, as by a supervisor that knows no more of it', async () => {
    const server = await installed.start();
    const ana = await connectClient(server.url);
    await server.terminate();
    expect(ana.pushed('server:drain')).toHaveLength(1);
    ana.close();
    expect(existsSync(join(installed.folder, 'data', 'pgdata', 'postmaster.pid'))).toBe(false);
  });

  it('[PROC9] serves as an ordinary user on a system where it can write nothing but its data folder', async () => {
    const dataDir = join(installed.folder, '..', 'own');
    mkdirSync(dataDir, { mode: 0o700 });
    const program = join(installed.folder, 'node_modules', 'afterword');
    if (!isRoot) execFileSync('chmod', ['-R', 'a-w', program]);
    const server = await installed.startBehind(readOnly(dataDir), { AFTERWORD_DATA_DIR: dataDir });
    try {
      const ana = await connectGuest(server.url, 'Ana');
      const { thread } = await ana.snapshot('kept');
      await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'kept' });
      ana.close();
      expect((await send(server.url, '/afterword.js')).status).toBe(200);
    } finally {
      await server.stop();
      if (!isRoot) execFileSync('chmod', ['-R', 'u+w', program]);
    }
    expect(readdirSync(dataDir)).toContain('pgdata');
    expect(statSync(join(dataDir, 'pgdata')).uid).not.toBe(0);
  });
});
