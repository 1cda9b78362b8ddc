// The secret is replaced by the command while two nodes serve: none is restarted, and no reader who is there notices. Only
// the nodes' clocks are moved forward, by the minute and the days that a rotation takes; their timers run as ever.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { createTokens } from '../../server/accounts/tokens.js';
import { SECRET_SETTING } from '../../server/database/secret-setting.js';
import { LEAD_MS, onlySecret, OVERLAP_DAYS, READ_AGAIN_MS, readSecrets } from '../../server/secrets/secrets.js';
import { connectClient, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { INSIDE } from '../support/inside.js';
import { makeNodes } from '../support/nodes.js';
import { copyProgram, type Program, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** They read it again after ten seconds, and a busy machine may take its time. */
const PICKUP = { withinMs: READ_AGAIN_MS + 15_000, everyMs: 200 };
const TIMEOUT_MS = 60_000;

let program: Program;
beforeAll(async () => {
  program = await copyProgram();
}, TIMEOUT_MS);
afterAll(() => program.remove());

/** Two nodes on a database of their own, and a guest who is there. */
interface Both {
  database: TestDatabase;
  nodes: ServerProcess[];
  urls: string[];
  here: TestClient;
  me: { id: string };
  /** The guest's token, of the secret that there was at first. */
  old: string;
}

/** The tests wait for the clocks of their own nodes, and for nothing else: so they run side by side. */
const withBoth = (test: (both: Both) => Promise<void>) => async (): Promise<void> => {
  const database = await createTestDatabase();
  const installation = makeNodes({ DATABASE_URL: database.url, AFTERWORD_POOL_SIZE: '3', ...INSIDE });
  try {
    const nodes = [0, 1].map(() => installation.start(program, {}, { ipc: true }));
    const urls = await Promise.all(nodes.map(({ ready }) => ready));
    const here = await connectClient(urls[0]!);
    const { token: old, me } = await here.must('me:guest', { name: 'Ana' });
    await test({ database, nodes, urls, here, me, old }).finally(() => here.close());
  } finally {
    await installation.end();
    await database.drop();
  }
};

function rotate({ database }: Both, ...args: string[]): string {
  const command = [join(dirname(program.main), 'commands.js'), 'admin', 'secret', 'rotate', ...args];
  return execFileSync(process.execPath, command, {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
    encoding: 'utf8',
  });
}

/** What signs with the secret that was made last, and with no other. */
async function newest({ database }: Both) {
  const [row] = await database.sql<{ value: string }[]>`select value from settings where name = ${SECRET_SETTING}`;
  const { value } = readSecrets(row!.value).all.at(-1)!;
  return createTokens(() => onlySecret(value));
}

const step = ({ nodes }: Both, ms: number): void => nodes.forEach(({ child }) => child.send({ step: ms }));

/** Comes back with a token, and says what they are told; a refusal's code where they are refused. */
async function comeBack(
  url: string,
  token: string,
): Promise<{ me?: unknown; token?: string | undefined; code?: string }> {
  try {
    const client = await connectClient(url, { token });
    const { you } = await client.snapshot('a');
    client.close();
    return { me: you.me, token: you.token };
  } catch (error) {
    const { code } = (error as { data?: { code: string } }).data ?? {};
    if (code === undefined) throw error;
    return { code };
  }
}

/** Both nodes believe the new secret; nobody has been given a token of it. */
async function pickedUp(both: Both): Promise<void> {
  const forged = await (await newest(both)).issueGuest({ author: both.me.id, site: 'demo' });
  for (const url of both.urls) {
    await until(async () => (await comeBack(url, forged)).code === undefined, 'the new secret to be believed', PICKUP);
  }
}

it.concurrent(
  '[PROC6] [REQ7] without a restart who comes back gets a token of the new secret at every node, and the earlier is believed for the overlap',
  withBoth(async (both) => {
    const { nodes, urls, here, me, old } = both;
    const { thread } = await here.snapshot('a');
    expect(rotate(both)).toContain('signs from');
    await pickedUp(both);
    // Not before every node must have read it.
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ me, token: undefined });

    step(both, LEAD_MS + 1_000);
    const made = await newest(both);
    for (const url of urls) {
      const back = await comeBack(url, old);
      expect(back.me).toEqual(me);
      expect(await made.verify(back.token!, 'demo')).toMatchObject({ author: me.id, renew: false });
      for (const other of urls) expect(await comeBack(other, back.token!)).toEqual({ me, token: undefined });
    }
    await here.must('reply:create', { thread: thread.id, id: newId(), body: 'still here' });

    step(both, (OVERLAP_DAYS - 1) * DAY_MS);
    for (const url of urls) expect(await comeBack(url, old)).toMatchObject({ me });
    step(both, DAY_MS);
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ code: 'token_invalid' });
    expect(nodes.map(({ child }) => child.exitCode)).toEqual([null, null]);
  }),
  TIMEOUT_MS,
);

it.concurrent(
  '[PROC6] [REQ7] without any overlap the earlier one is refused at every node once the new one signs',
  withBoth(async (both) => {
    const { urls, me, old } = both;
    rotate(both, '--overlap', '0');
    await pickedUp(both);
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ me, token: undefined });
    step(both, LEAD_MS + 1_000);
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ code: 'token_invalid' });
    // Who was there is not, either, once their line is gone; they begin anew, with a token that every node believes.
    const again = await connectClient(urls[1]!);
    const { token } = await again.must('me:guest', { name: 'Ana again' });
    again.close();
    for (const url of urls) expect((await comeBack(url, token)).code).toBeUndefined();
  }),
  TIMEOUT_MS,
);
