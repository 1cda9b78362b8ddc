// The secret is replaced by the command while two nodes serve: none is restarted, and no reader who is there notices. Only
// the nodes' clocks are moved forward, by the minute and the days that a rotation takes; their timers run as ever.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { createTokens } from '../../server/accounts/tokens.js';
import { SECRET_SETTING } from '../../server/database/secret-setting.js';
import { LEAD_MS, onlySecret, OVERLAP_DAYS, READ_AGAIN_MS, readSecrets } from '../../server/secrets/secrets.js';
import { connectClient, type TestClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { INSIDE } from '../support/inside.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { copyProgram, type Program, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** They read it again after ten seconds, and a busy machine may take its time. */
const PICKUP = { withinMs: READ_AGAIN_MS + 15_000, everyMs: 200 };
const TIMEOUT_MS = 60_000;

let program: Program;
let database: TestDatabase;
let nodes: Nodes;
let both: ServerProcess[];
let urls: string[];
let here: TestClient;
let me: unknown;
let old: string;
beforeAll(async () => {
  program = await copyProgram();
}, TIMEOUT_MS);
afterAll(() => program.remove());
beforeEach(async () => {
  database = await createTestDatabase();
  nodes = makeNodes({ DATABASE_URL: database.url, AFTERWORD_POOL_SIZE: '3', ...INSIDE });
  both = [0, 1].map(() => nodes.start(program, {}, { ipc: true }));
  urls = await Promise.all(both.map(({ ready }) => ready));
  here = await connectClient(urls[0]!);
  ({ token: old, me } = await here.must('me:guest', { name: 'Ana' }));
}, TIMEOUT_MS);
afterEach(async () => {
  here.close();
  await nodes.end();
  await database.drop();
});

function rotate(...args: string[]): string {
  const command = [join(dirname(program.main), 'commands.js'), 'admin', 'secret', 'rotate', ...args];
  return execFileSync(process.execPath, command, {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
    encoding: 'utf8',
  });
}

/** What signs with the secret that was made last, and with no other. */
async function newest() {
  const [row] = await database.sql<{ value: string }[]>`select value from settings where name = ${SECRET_SETTING}`;
  const { value } = readSecrets(row!.value).all.at(-1)!;
  return createTokens(() => onlySecret(value));
}

const step = (ms: number): void => both.forEach(({ child }) => child.send({ step: ms }));

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
async function pickedUp(): Promise<void> {
  const forged = await (await newest()).issueGuest({ author: (me as { id: string }).id, site: 'demo' });
  for (const url of urls) {
    await until(async () => (await comeBack(url, forged)).code === undefined, 'the new secret to be believed', PICKUP);
  }
}

it(
  '[PROC6] [REQ7] without a restart who comes back gets a token of the new secret at every node, and the earlier is believed for the overlap',
  async () => {
    const { thread } = await here.snapshot('a');
    expect(rotate()).toContain('signs from');
    await pickedUp();
    // Not before every node must have read it.
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ me, token: undefined });

    step(LEAD_MS + 1_000);
    const made = await newest();
    for (const url of urls) {
      const back = await comeBack(url, old);
      expect(back.me).toEqual(me);
      expect(await made.verify(back.token!, 'demo')).toMatchObject({ author: (me as { id: string }).id, renew: false });
      for (const other of urls) expect(await comeBack(other, back.token!)).toEqual({ me, token: undefined });
    }
    await here.must('reply:create', { thread: thread.id, id: newId(), body: 'still here' });

    step((OVERLAP_DAYS - 1) * DAY_MS);
    for (const url of urls) expect(await comeBack(url, old)).toMatchObject({ me });
    step(DAY_MS);
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ code: 'token_invalid' });
    expect(both.map(({ child }) => child.exitCode)).toEqual([null, null]);
  },
  TIMEOUT_MS,
);

it(
  '[PROC6] [REQ7] without any overlap the earlier one is refused at every node once the new one signs',
  async () => {
    rotate('--overlap', '0');
    await pickedUp();
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ me, token: undefined });
    step(LEAD_MS + 1_000);
    for (const url of urls) expect(await comeBack(url, old)).toEqual({ code: 'token_invalid' });
    // Who was there is not, either, once their line is gone; they begin anew, with a token that every node believes.
    const again = await connectClient(urls[1]!);
    const { token } = await again.must('me:guest', { name: 'Ana again' });
    again.close();
    for (const url of urls) expect((await comeBack(url, token)).code).toBeUndefined();
  },
  TIMEOUT_MS,
);
