// The runs that the tests repeat, the same each time: every kind of thing that breaks at least once, and every schedule in
// which something was found, so that it stays mended. Others come from seeds (`npm run test:faults`).
import type { StageName } from './stages.js';

export interface Schedule {
  stage: StageName;
  seed: number;
  faults: readonly string[];
}

const SCHEDULES: readonly Schedule[] = [
  {
    stage: 'embedded',
    seed: 1,
    faults: [
      'server: SIGKILL',
      'database: SIGKILL',
      'server: its clock steps',
      'server: no file handles left',
      'database: a backend is killed',
      // It took no new connection any more, and ours never end.
      'database: told to end once nobody is connected',
      'line of clients: forgets its connections',
      'server: SIGSTOP for a while',
      'database: restarted in order',
      'line of clients: refuses',
      // It was given up after four ends within a minute, and the server with it.
      'database: its disk is full, and its log needs room',
      'line of clients: drains slowly',
    ],
  },
  {
    stage: 'two nodes',
    seed: 1,
    faults: [
      // A LISTEN that the network had forgotten was never found out: the poll hid it.
      'database: the listeners are terminated',
      'server: restarted in order',
      'line of the database: is cut (RST)',
      'database: its disk is full',
      'database: no connections left',
      'line of clients: is slow, with jitter, some connections more than others',
      // A write that waited on such a connection held its thread up for a quarter of an hour.
      'line of the database: forgets its connections',
      // A removal that was taken back, and asked again as the answer was late, was called too late.
      'line of the database: stalls up',
      'database: all connections are terminated',
      'line of the database: hangs up',
      'line of clients: is cut (FIN)',
      'database: SIGSTOP for a while',
      'line of clients: stalls both ways',
      'database: its disk is full + server: SIGKILL',
      'server: SIGSTOP for a while + database: restarted in order',
      'database: no connections left + server: SIGKILL',
    ],
  },
  {
    stage: 'two nodes, Redis',
    seed: 1,
    faults: [
      'Redis: SIGKILL',
      'Redis: no connections left',
      'line of Redis: forgets its connections',
      // A Redis that accepted and said nothing hung the bus for good.
      'line of Redis: stalls down',
      'Redis: is emptied',
      'server: SIGKILL',
      'Redis: restarted in order',
      'Redis: its clients are killed',
      'line of Redis: is half-open',
      'Redis: no memory left',
      'Redis: SIGSTOP for a while',
      'line of Redis: refuses',
      'Redis: SIGSTOP for a while + database: restarted in order',
      'Redis: SIGKILL + server: SIGKILL',
      'database: its disk is full + Redis: no connections left',
    ],
  },
  {
    stage: 'two nodes, PgBouncer',
    seed: 1,
    faults: [
      'pooler: SIGKILL',
      'line of the pooler: stalls both ways',
      'line of the pooler: is cut (RST)',
      'database: SIGKILL',
      'line of the database: is cut (RST)',
      'pooler: SIGSTOP for a while',
      // Without `transaction_timeout` in its connect_query (docs/pgbouncer.ini) some threads can't be written any more.
      'line of the pooler: forgets its connections',
    ],
  },
];

/** What no schedule has, and why; seeds choose from these as from the others. */
export const LEFT_TO_SEEDS: readonly { why: string; faults: readonly string[] }[] = [
  {
    why: 'the same happens to another line of a browser, or of this one in the other direction; tests/browser/lines has bad lines of clients',
    faults: [
      'line of clients: stalls up',
      'line of clients: stalls down',
      'line of clients: is cut (RST)',
      'line of clients: hangs up',
      'line of clients: is half-open',
    ],
  },
  {
    why: 'tests/integration (lost-connection, database-away, watched-lines) has these, or the driver sees no difference to one that is scheduled',
    faults: [
      'line of the database: is slow, with jitter, some connections more than others',
      'line of the database: stalls down',
      'line of the database: stalls both ways',
      'line of the database: drains slowly',
      'line of the database: is cut (FIN)',
      'line of the database: refuses',
      'line of the database: is half-open',
    ],
  },
  {
    why: 'it carries hints alone, and tests/contract/bus-redis.test.ts has what a line that ends or is silent does to these',
    faults: [
      'line of Redis: is slow, with jitter, some connections more than others',
      'line of Redis: stalls up',
      'line of Redis: stalls both ways',
      'line of Redis: drains slowly',
      'line of Redis: is cut (FIN)',
      'line of Redis: is cut (RST)',
      'line of Redis: hangs up',
    ],
  },
  {
    why: 'to a server a pooler is a database: the line of the database has its like',
    faults: [
      'line of the pooler: is slow, with jitter, some connections more than others',
      'line of the pooler: stalls up',
      'line of the pooler: stalls down',
      'line of the pooler: drains slowly',
      'line of the pooler: is cut (FIN)',
      'line of the pooler: refuses',
      'line of the pooler: hangs up',
      'line of the pooler: is half-open',
    ],
  },
];

export function schedulesOf(name: StageName): Schedule[] {
  return SCHEDULES.filter(({ stage }) => stage === name);
}
