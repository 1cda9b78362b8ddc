// What happens to lines: that of clients to a server, and those of the servers to the database, to its pooler and to Redis. All
// of it happens to each of them.
import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../sim/random.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { between, type Fault } from './fault.js';
import type { Stage } from './stage.js';

const ACTIONS: Record<string, (line: TcpProxy) => unknown> = {
  'is slow, with jitter, some connections more than others': (line) => line.delay(20, 100, 300),
  'stalls up': (line) => line.stall('up'),
  'stalls down': (line) => line.stall('down'),
  'stalls both ways': (line) => line.stall(),
  'drains slowly': (line) => line.drip(20_000, 'down'),
  'is cut (FIN)': (line) => line.cut('fin'),
  'is cut (RST)': (line) => line.cut('rst'),
  refuses: (line) => line.refuse(),
  'hangs up': (line) => line.hangUp(),
  'forgets its connections': (line) => line.lose(),
  'is half-open': (line) => {
    line.cut('rst');
    line.swallow();
  },
};

interface Lines {
  /** One of these lines; null: the stage has none. */
  of(stage: Stage, random: Random): TcpProxy | null;
  lacks?(stage: Stage): string | null;
}

const LINES: Record<string, Lines> = {
  'line of clients': { of: ({ nodes }, random) => random.pick(nodes)!.line },
  'line of the database': {
    of: ({ databaseLine }) => databaseLine,
    lacks: ({ databaseLine }) => (databaseLine ? null : 'the database has no port'),
  },
  'line of Redis': {
    of: ({ redis }) => redis?.line ?? null,
    lacks: ({ redis }) => (redis ? null : 'there is no Redis'),
  },
  'line of the pooler': {
    of: ({ pooler }) => pooler?.line ?? null,
    lacks: ({ pooler }) => (pooler ? null : 'there is no pooler'),
  },
};

/** Does it to a line for a while, and heals the line. */
export const LINE_FAULTS: Record<string, Fault> = Object.fromEntries(
  Object.entries(LINES).flatMap(([name, { of, lacks }]) =>
    Object.entries(ACTIONS).map(([what, act]): [string, Fault] => [
      `${name}: ${what}`,
      {
        ...(lacks ? { lacks } : {}),
        run: async (stage, random) => {
          const line = of(stage, random)!;
          await act(line);
          await pause(between(random, 500, 3_000));
          await line.heal();
        },
      },
    ]),
  ),
);
