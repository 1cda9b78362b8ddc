// Everything that is broken on purpose. Each fault begins, lasts, and is over when its promise resolves: what comes after
// is recovery. All chance comes from the run's generator.
import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../sim/random.js';
import { signalTo } from './postgres-cluster.js';
import type { ServerNode } from './server-node.js';
import type { Stage } from './stage.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

export interface Fault {
  /** Why it can't be done on this stage; null where it can. */
  lacks?(stage: Stage): string | null;
  run(stage: Stage, random: Random): Promise<void>;
}

const HOUR_MS = 3_600_000;

const between = (random: Random, from: number, to: number): number => from + random.below(to - from);
const oneOf = (stage: Stage, random: Random): ServerNode => random.pick(stage.nodes)!;
const noPort = ({ databaseLine }: Stage): string | null => (databaseLine ? null : 'the database has no port');

/** Does it to a line for a while, and heals the line. */
function onLine(line: (stage: Stage, random: Random) => TcpProxy, action: (line: TcpProxy, random: Random) => unknown) {
  return async (stage: Stage, random: Random): Promise<void> => {
    const struck = line(stage, random);
    await action(struck, random);
    await pause(between(random, 500, 3_000));
    await struck.heal();
  };
}

const LINE_FAULTS: Record<string, (line: TcpProxy, random: Random) => unknown> = {
  'is slow, with jitter, some connections more than others': (line) => line.delay(20, 100, 300),
  'stalls up': (line) => line.stall('up'),
  'stalls down': (line) => line.stall('down'),
  'stalls both ways': (line) => line.stall(),
  'drains slowly': (line) => line.drip(20_000, 'down'),
  'is cut (FIN)': (line) => line.cut('fin'),
  'is cut (RST)': (line) => line.cut('rst'),
  refuses: (line) => line.refuse(),
  'hangs up': (line) => line.hangUp(),
};

/** The driver has no time-out for a line that was forgotten, so these are for the line of clients alone. */
const CLIENT_LINE_FAULTS: typeof LINE_FAULTS = {
  'forgets its connections': (line) => line.lose(),
  'is half-open': (line) => {
    line.cut('rst');
    line.swallow();
  },
};

const onClients = (action: (line: TcpProxy, random: Random) => unknown): Fault => ({
  run: onLine((stage, random) => oneOf(stage, random).line, action),
});
const onDatabaseLine = (action: (line: TcpProxy, random: Random) => unknown): Fault => ({
  lacks: noPort,
  run: onLine((stage) => stage.databaseLine!, action),
});

export const FAULTS: Record<string, Fault> = {
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
    lacks: () => (process.platform === 'linux' ? null : 'prlimit is of Linux'),
    run: async (stage, random) => {
      const node = oneOf(stage, random);
      node.limitHandles(2);
      // Who comes back now finds no handle.
      node.line.cut('rst');
      await pause(between(random, 1_000, 3_000));
      node.limitHandles(null);
    },
  },
  'database: SIGKILL': {
    run: (stage) => {
      signalTo(stage.postmaster(), 'SIGKILL');
      return Promise.resolve();
    },
  },
  'database: a backend is killed': {
    run: async (stage) => {
      const { sql, close } = stage.attach(1);
      const [row] = await sql<[{ pid: number }?]>`
        select pid from pg_stat_activity where application_name = 'afterword' limit 1`;
      await close();
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
  'database: restarted in order': {
    run: (stage) => {
      signalTo(stage.postmaster(), 'SIGINT');
      return Promise.resolve();
    },
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
    lacks: ({ disk }) => (disk ? null : 'no file system of its own could be mounted'),
    run: async (stage, random) => {
      stage.disk!.fillDisk();
      await pause(between(random, 1_000, 4_000));
      stage.disk!.freeDisk();
    },
  },
  ...Object.fromEntries(
    Object.entries({ ...LINE_FAULTS, ...CLIENT_LINE_FAULTS }).map(([what, act]) => [
      `line of clients: ${what}`,
      onClients(act),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(LINE_FAULTS).map(([what, act]) => [`line of the database: ${what}`, onDatabaseLine(act)]),
  ),
};

async function terminate(stage: Stage, name: string): Promise<void> {
  const { sql, close } = stage.attach(1);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`;
  await close();
}
