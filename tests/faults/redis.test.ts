// Needs: redis
// The short form of the fault suite where Redis carries the hints: it and its line break, and what is beside it.
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';
import { schedulesOf } from './schedules.js';

it.each(schedulesOf('two nodes, Redis'))(
  `[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] [PUMP3] $stage, seed $seed: ${SOUND}`,
  { timeout: SHORT_MAX },
  expectSound,
);
