// `npx afterword` as its users have it: the packed tarball in an empty folder, walked through as an owner would.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connectClient, connectGuest } from '../support/client.js';
import { installPacked, type Installed } from '../support/installed.js';

let installed: Installed;
beforeAll(() => {
  installed = installPacked();
}, 90_000);
afterAll(() => installed.remove());

describe('npx afterword', () => {
  it('says its version, and what it can do', async () => {
    expect(await installed.afterword(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    const help = await installed.afterword(['help']);
    for (const name of ['start', 'admin', 'version', 'help']) expect(help.out).toContain(`\n  ${name}`);
    expect((await installed.afterword(['help', 'start'])).out).toContain('DATABASE_URL');
    expect((await installed.afterword(['admin', '--help'])).out).toContain('site add ID ORIGIN');
  });

  it('refuses what it does not know with 2, and names what was probably meant', async () => {
    const wrong = [
      [['strat'], 'did you mean start?'],
      [['start', '--prot', '80'], 'There is no option --prot.'],
      [['admin', 'site', 'ad'], 'did you mean "site add"?'],
      [['version', '--hepl'], 'did you mean --help?'],
    ] as const;
    for (const [args, said] of wrong) {
      expect(await installed.afterword(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) });
    }
    expect(existsSync(join(installed.folder, 'data'))).toBe(false);
  });

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
    await server.stop();
    expect(existsSync(join(installed.folder, 'data', 'pgdata', 'postmaster.pid'))).toBe(false);
    expect((await installed.afterword(['admin', 'site', 'list'])).out).toContain(
      'my-blog (my-blog): https://example.com',
    );
    expect((await installed.afterword(['admin', 'thread', 'list', 'demo'])).out).toContain('"kept": 1 replies, open');
  });
});
