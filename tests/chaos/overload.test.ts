// Twice what a server can carry (LOAD1): it refuses a part of it, fairly and with a time, goes on serving the rest, answers
// health checks and first pages, and is as before when the load has gone. Nothing that is written meanwhile is lost or doubled.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { connect } from '../../server/database/connect.js';
import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import {
  copyProgram,
  makeDataFolder,
  type DataFolder,
  type Program,
  type ServerProcess,
} from '../support/server-process.js';
import { until } from '../support/until.js';
import { Newcomer, pauseOf, Previewers, Writer } from './crowds.js';

const PREVIEWERS = 16;
const WRITERS = 6;
/** Newcomers for each preview that it can do: twice as many as turns of the event loop, were eight begun in each. */
const NEWCOMERS = 1 / 4;
/** Long enough for the burst of two seconds to be over, and for who was refused to have come again. */
const OVERLOAD_MS = 8_000;
/** In seconds of work at its own pace, however fast the machine is. */
const HEALTH_WITHIN = 2;

let program: Program;
let data: DataFolder;
let nodes: Nodes;
let server: ServerProcess;
let url: string;
let guests: TestClient[];
let thread: string;
beforeAll(async () => {
  program = await copyProgram();
  data = makeDataFolder({ onDisk: true });
  nodes = makeNodes({ AFTERWORD_DATA_DIR: data.path });
  server = nodes.start(program);
  url = await server.ready;
  guests = await Promise.all(Array.from({ length: PREVIEWERS + WRITERS }, (_, n) => connectGuest(url, `Guest ${n}`)));
  ({ id: thread } = (await guests[0]!.snapshot('overloaded')).thread);
  await guests[0]!.must('reply:create', { thread, id: newId(), parent: null, body: 'Before.' });
}, 60_000);
afterAll(async () => {
  for (const guest of guests) guest.close();
  await nodes.end();
  await data.remove();
  program.remove();
});

interface Checked {
  ms: number;
  /** Requests of others that were done between the question and the answer. */
  others: number;
}

/** Asks for it all the time. */
async function watch(path: string, done: () => number, isOver: () => boolean): Promise<Checked[]> {
  const checked: Checked[] = [];
  while (!isOver()) {
    const [at, before] = [performance.now(), done()];
    const answer = await fetch(`${url}${path}`);
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    checked.push({ ms: performance.now() - at, others: done() - before });
    await pause(100);
  }
  return checked;
}

async function arrivals(perSecond: number, isOver: () => boolean): Promise<Newcomer[]> {
  const newcomers: Newcomer[] = [];
  const coming: Promise<void>[] = [];
  while (!isOver()) {
    const newcomer = new Newcomer();
    newcomers.push(newcomer);
    coming.push(newcomer.arrive(url, 'overloaded'));
    await pause(1_000 / perSecond);
  }
  await Promise.all(coming);
  return newcomers;
}

/** Some were refused, each with a time (1 to 5 s), and all were answered. */
function expectTold(crowd: readonly { refusals: readonly ErrorBody[]; unanswered: number }[]): void {
  const waits = crowd.flatMap(({ refusals }) => refusals.map(pauseOf));
  expect(waits.length).toBeGreaterThan(0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
  expect(crowd.reduce((sum, { unanswered }) => sum + unanswered, 0)).toBe(0);
}

it('[LOAD1] [REQ1] under twice its load it sheds fairly and visibly, stays in reach, stores each write once, and recovers by itself', async () => {
  const previewers = new Previewers(guests.slice(0, PREVIEWERS), thread);
  const writers = guests.slice(PREVIEWERS).map((guest) => new Writer(guest));
  const alone = await previewers.capacity(2_000);

  let over = false;
  const isOver = (): boolean => over;
  const begun = performance.now();
  const done = (): number => previewers.accepted;
  const crowds = Promise.all([
    watch('/healthz', done, isOver),
    watch('/api/v1/sites/demo/thread?key=overloaded', done, isOver),
    arrivals(alone * NEWCOMERS, isOver),
    previewers.overload(alone * 2, isOver),
    ...writers.map((writer) => writer.write(thread, isOver)),
  ]);
  try {
    await until(() => previewers.refusals.length > 0, 'a part to be refused', { withinMs: 10_000 });
    // Nobody starves: everybody who writes gets something through while others are refused.
    const before = writers.map(({ accepted }) => accepted);
    await until(() => writers.every(({ accepted }, n) => accepted > before[n]!), 'each writer to be let in', {
      withinMs: 40_000,
    });
    await pause(Math.max(0, begun + OVERLOAD_MS - performance.now()));
  } finally {
    over = true;
  }
  const seconds = (performance.now() - begun) / 1_000;
  const [health, pages, newcomers] = await crowds;

  const { accepted, refusals } = previewers;
  const most = (checked: Checked[], what: keyof Checked): number => Math.max(...checked.map((check) => check[what]));
  process.stderr.write(
    `carries ${alone.toFixed(0)}/s; of ${(alone * 2).toFixed(0)}/s it let in ${(accepted / seconds).toFixed(0)}/s and refused ` +
      `${refusals.length} in ${seconds.toFixed(0)} s; of ${newcomers.length} newcomers it refused ` +
      `${newcomers.filter((newcomer) => newcomer.refusals.length > 0).length}; health within ${most(health, 'ms').toFixed(0)} ms, ` +
      `pages within ${most(pages, 'ms').toFixed(0)} ms\n`,
  );
  expectTold([previewers]);
  expectTold(newcomers);
  expectTold(writers);
  // What it does do is not much less than what it can.
  const written = writers.flatMap(({ sent }) => sent);
  expect((accepted + written.length + pages.length + newcomers.length) / seconds).toBeGreaterThan(alone / 3);
  expect(most(health, 'others')).toBeLessThan(alone * HEALTH_WITHIN);
  // Nobody is shut out, and nobody gets much more than others.
  const each = previewers.shares.map((share) => share.accepted);
  expect(Math.min(...each)).toBeGreaterThan(Math.max(...each) / 4);
  // Who gets no line reads all the same.
  const read = newcomers.flatMap((newcomer) => newcomer.read);
  expect(read.filter(({ status, replies }) => status !== 200 || replies === 0)).toEqual([]);
  expect(server.errors()).toContain('overloaded: a part of what is asked is refused');

  await until(() => server.errors().includes('no longer overloaded'), 'it to say so', { withinMs: 15_000 });
  await Promise.all(writers.map((writer) => writer.repeat()));
  const { sql, close } = connect({ url: data.databaseUrl, max: 1 });
  const stored = await sql<{ body: string }[]>`select body from replies where thread_id = ${thread}`;
  await close();
  expect(stored.map(({ body }) => body).toSorted()).toEqual(['Before.', ...written.map(({ body }) => body)].toSorted());
  const id = newId();
  await guests[0]!.must('reply:create', { thread, id, parent: null, body: 'As before.' });
  const isTold = ({ client }: Newcomer): boolean =>
    client!.pushed('thread:delta').some(({ replies }) => replies.some((reply) => reply.id === id));
  await until(() => newcomers.every(isTold), 'each newcomer to be told of one more');
  for (const { client } of newcomers) client!.close();
}, 120_000);
