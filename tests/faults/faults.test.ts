// The short form of the fault suite: real processes, a schedule that is the same each time, and every kind of thing that
// breaks at least once. The long form, with schedules from seeds, is `npm run test:faults`. Redis is in `redis.test.ts`.
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';

it(`[SEQ3] [REQ1] [CUR1] embedded: ${SOUND}`, { timeout: SHORT_MAX }, () =>
  expectSound('embedded', [
    'server: SIGKILL',
    'database: SIGKILL',
    'server: its clock steps',
    'server: no file handles left',
    'database: a backend is killed',
    'line of clients: forgets its connections',
  ]),
);

it(`[SEQ3] [REQ1] [CUR1] two nodes: ${SOUND}`, { timeout: SHORT_MAX }, () =>
  expectSound('two nodes', [
    'database: the listeners are terminated',
    'server: restarted in order',
    'line of the database: is cut (RST)',
    'database: its disk is full',
    'database: no connections left',
    'line of clients: is slow, with jitter, some connections more than others',
    'line of the database: forgets its connections',
  ]),
);
