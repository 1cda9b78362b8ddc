// The runs that the tests repeat, the same each time: every kind of thing that breaks at least once, and every schedule in
// which something was found, so that it stays mended. Others come from seeds (`npm run test:faults`).
import type { StageName } from './stage.js';

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
    ],
  },
];

export function schedulesOf(name: StageName): Schedule[] {
  return SCHEDULES.filter(({ stage }) => stage === name);
}
