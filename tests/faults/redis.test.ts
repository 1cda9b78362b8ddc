// Needs: redis
// The short form of the fault suite where Redis carries the hints: it and its line break, and two things beside it.
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';

it(`[SEQ3] [REQ1] [CUR1] [PUMP3] two nodes, Redis: ${SOUND}`, { timeout: SHORT_MAX }, () =>
  expectSound('two nodes, Redis', [
    'Redis: SIGKILL',
    'Redis: no connections left',
    'line of Redis: forgets its connections',
    'line of Redis: stalls down',
    'Redis: is emptied',
    'server: SIGKILL',
  ]),
);
