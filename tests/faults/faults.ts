// Everything that is broken on purpose, by name; here what happens to servers and to the database.
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../sim/random.js';
import { NO_DISK } from '../support/small-disk.js';
import { until } from '../support/until.js';
import { between, type Fault } from './fault.js';
import { LINE_FAULTS } from './line-faults.js';
import { signalTo } from './postgres-cluster.js';
import { POOLER_FAULTS } from './pooler-faults.js';
import { REDIS_FAULTS } from './redis-faults.js';
import type { ServerNode } from './server-node.js';
import type { Stage } from './stage.js';

const HOUR_MS = 3_600_000;
const FELT_WITHIN_MS = 10_000;
const DISK_FULL = '53100';

const oneOf = (stage: Stage, random: Random): ServerNode => random.pick(stage.nodes)!;

const SERVER_AND_DATABASE: Record<string, Fault> = {
  'server: SIGKILL': {
    run: (stage, random) => oneOf(stage, random).restart('SIGKILL', random.below(1_000)),
  },
  'server: restarted in order': {
    run: (stage, random) => oneOf(stage, random).restart('SIGTERM', 0),
  },
  'server: SIGSTOP for a while': {
    run: async (stage, random) => {
      const node = oneOf(stage, random);
      node.signal('SIGSTOP');
      await pause(between(random, 500, 4_000));
      node.signal('SIGCONT');
    },
  },
  'server: its clock steps': {
    run: (stage, random) => {
      oneOf(stage, random).stepClock((random.chance(0.5) ? 1 : -1) * between(random, 1, 48) * HOUR_MS);
      return Promise.resolve();
    },
  },
  'server: no file handles left': {
    forbidden: () => (spawnSync('prlimit').status === 0 ? null : 'there is no prlimit'),
    run: async (stage, random) => {
      const node = oneOf(stage, random);
      node.limitHandles(2);
      // Who comes back now finds no handle.
      node.line.cut('rst');
      await Promise.all([node.untilRefused(FELT_WITHIN_MS), pause(between(random, 1_000, 3_000))]);
      node.limitHandles(null);
    },
  },
  'database: SIGKILL': endedBy('SIGKILL'),
  'database: a backend is killed': {
    run: async (stage) => {
      const [row] = await whenThere(
        stage,
        (sql) => sql<[{ pid: number }?]>`
          select pid from pg_stat_activity where application_name = 'afterword' limit 1`,
      );
      if (row) signalTo(row.pid, 'SIGKILL');
    },
  },
  'database: SIGSTOP for a while': {
    run: async (stage, random) => {
      stage.signalDatabase('SIGSTOP');
      await pause(between(random, 500, 7_000));
      stage.signalDatabase('SIGCONT');
    },
  },
  'database: restarted in order': endedBy('SIGINT'),
  'database: told to end once nobody is connected': {
    ...endedBy('SIGTERM'),
    lacks: (stage) =>
      stage.databaseLine ? 'who owns that server says when its clients have to go' : stage.keepsDatabase(),
  },
  'database: the listeners are terminated': {
    run: (stage) => terminate(stage, 'afterword-bus'),
  },
  'database: all connections are terminated': {
    run: (stage) => terminate(stage, 'afterword'),
  },
  'database: no connections left': {
    run: async (stage, random) => {
      const held: ReturnType<Stage['attach']>[] = [];
      const take = async (): Promise<void> => {
        for (let refused = false; !refused && held.length < 100;) {
          const one = stage.attach(1);
          held.push(one);
          await one.sql`select 1`.catch(() => (refused = true));
        }
      };
      await take();
      await held[0]!.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name in ('afterword', 'afterword-bus')`;
      await take();
      await pause(between(random, 1_000, 3_000));
      await Promise.all(held.map(({ close }) => close()));
    },
  },
  'database: its disk is full': {
    forbidden: ({ disk }) => (disk ? null : NO_DISK),
    run: async (stage, random) => {
      stage.disk!.fill();
      await Promise.all([untilFull(stage), pause(between(random, 1_000, 4_000))]);
      stage.disk!.free();
    },
  },
  'database: its disk is full, and its log needs room': {
    forbidden: ({ disk }) => (disk ? null : NO_DISK),
    run: async (stage, random) => {
      stage.disk!.fill();
      await untilEndedForRoom(stage);
      await pause(between(random, 1_000, 4_000));
      stage.disk!.free();
    },
  },
};

export const FAULTS: Record<string, Fault> = {
  ...SERVER_AND_DATABASE,
  ...REDIS_FAULTS,
  ...POOLER_FAULTS,
  ...LINE_FAULTS,
};

function endedBy(signal: NodeJS.Signals): Fault {
  return {
    lacks: (stage) => stage.keepsDatabase(),
    run: (stage) => Promise.resolve(stage.endDatabase(signal)),
  };
}

async function terminate(stage: Stage, name: string): Promise<void> {
  await whenThere(
    stage,
    (sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`,
  );
}

/** Beside another fault the database may be away: what is asked of it is asked again until it is back. */
async function whenThere<T>(stage: Stage, ask: (sql: Attached['sql']) => Promise<T>): Promise<T> {
  let answer: { is: T } | null = null;
  const isAnswered = async (): Promise<boolean> => {
    const { sql, close } = stage.attach(1);
    answer = await ask(sql).then(
      (is) => ({ is }),
      () => null,
    );
    await close();
    return answer !== null;
  };
  await until(isAnswered, 'the database to be there', { withinMs: FELT_WITHIN_MS, everyMs: 100 });
  return answer!.is;
}

type Attached = ReturnType<Stage['attach']>;

/** Resolves when the database has refused to write for want of room. */
function untilFull(stage: Stage): Promise<void> {
  const write = `create temporary table ballast as select md5(n::text) from generate_series(1, 20000) n`;
  const isFull = async (): Promise<boolean> => (await refusal(stage, write)) === DISK_FULL;
  return until(isFull, 'a write that fails as the disk is full', { withinMs: FELT_WITHIN_MS, everyMs: 100 });
}

/** Resolves when it has ended for that: a file that its log needs can't be made, which it does not survive. */
async function untilEndedForRoom(stage: Stage): Promise<void> {
  // The files that are there already are used up first.
  const next = `select pg_switch_wal() from (select pg_logical_emit_message(true, 'test', 'more')) as more`;
  const hasEnded = async (): Promise<boolean> => {
    const code = await refusal(stage, next);
    return code !== null && code !== DISK_FULL;
  };
  await until(hasEnded, 'the database to end for want of room', { withinMs: FELT_WITHIN_MS, everyMs: 100 });
}

/** With which code a statement is refused while everything that becomes free is taken; null: it is not. */
async function refusal({ attach, disk }: Stage, statement: string): Promise<string | null> {
  disk!.fill();
  const { sql, close } = attach(1);
  const code = await sql.unsafe(statement).then(
    () => null,
    (error: unknown) => (error as { code?: string }).code ?? 'unknown',
  );
  await close();
  return code;
}
