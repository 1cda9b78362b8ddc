// What happens to the pooler between the servers and the database. Whatever was under way in it is in doubt, and is asked again.
import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../sim/random.js';
import type { Pooler } from '../support/services/pgbouncer.js';
import { between, type Fault } from './fault.js';

const ofPooler = (run: (pooler: Pooler, random: Random) => Promise<void>): Fault => ({
  lacks: ({ pooler }) => (pooler ? null : 'there is no pooler'),
  run: ({ pooler }, random) => run(pooler!.server, random),
});

export const POOLER_FAULTS: Record<string, Fault> = {
  'pooler: SIGKILL': ofPooler((pooler, random) => pooler.restart(random.below(1_000))),
  'pooler: SIGSTOP for a while': ofPooler(async (pooler, random) => {
    pooler.signal('SIGSTOP');
    await pause(between(random, 500, 4_000));
    pooler.signal('SIGCONT');
  }),
};
