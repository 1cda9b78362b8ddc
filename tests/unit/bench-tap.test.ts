// The tap on a database's line: hears without changing anything.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { now } from '../bench/harness/clock.js';
import { Tap } from '../bench/wire/tap.js';

const NAME = '.s.PGSQL.5432';

let folder: string;
let database: Server;
let tap: Tap;
/** What the database's end received. */
let received: Buffer[];
let lines: Socket[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tap-'));
  received = [];
  lines = [];
  database = createServer((line) => {
    lines.push(line);
    line.on('data', (bytes) => received.push(bytes));
    line.on('error', () => {});
  });
  database.listen(join(folder, NAME));
  await once(database, 'listening');
  const far = await mkdtemp(join(folder, 'far-'));
  tap = await Tap.open({ url: `postgres://user@localhost/name?host=${folder}`, folder: far });
});

afterEach(async () => {
  tap.close();
  for (const line of lines) line.destroy();
  database.close();
  await rm(folder, { recursive: true });
});

async function dial(): Promise<Socket> {
  const through = new URL(tap.url).searchParams.get('host')!;
  const arrived = once(database, 'connection');
  const near = connect(join(through, NAME));
  await arrived;
  return near;
}

it('passes bytes both ways as they are', async () => {
  const near = await dial();
  const asked = Buffer.from([0, 255, 1, 254]);
  near.write(asked);
  await once(lines[0]!, 'data');
  expect(Buffer.concat(received)).toEqual(asked);
  lines[0]!.write(Buffer.from([9, 0, 8]));
  const [answered] = (await once(near, 'data')) as [Buffer];
  expect([...answered]).toEqual([9, 0, 8]);
});

it('tells the moment at which an awaited id is handed on, once, and not that of another', async () => {
  const near = await dial();
  const heard: { id: string; at: number }[] = [];
  for (const id of ['first', 'second']) tap.await(id, (at) => heard.push({ id, at }));
  const before = now();
  for (const answer of ['row: second', 'row: second again']) {
    lines[0]!.write(answer);
    await once(near, 'data');
  }
  expect(heard.map(({ id }) => id)).toEqual(['second']);
  expect(heard[0]!.at).toBeGreaterThanOrEqual(before);
  expect(heard[0]!.at).toBeLessThanOrEqual(now());
});

it('does not take the question for the answer', async () => {
  const near = await dial();
  const heard: number[] = [];
  tap.await('the-id', (at) => heard.push(at));
  near.write('insert the-id');
  await once(lines[0]!, 'data');
  expect(heard).toEqual([]);
});

it('ends both ends when one does', async () => {
  const near = await dial();
  lines[0]!.destroy();
  await once(near, 'close');
  const second = await dial();
  second.destroy();
  await once(lines[1]!, 'close');
});
