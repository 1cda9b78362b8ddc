// The short form of the fault suite where the server brings its own database: it and its disk break, and what is beside it.
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';
import { schedulesOf } from './schedules.js';

it.each(schedulesOf('embedded'))(
  `[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] $stage, seed $seed: ${SOUND}`,
  { timeout: SHORT_MAX },
  expectSound,
);
