// Needs: pgbouncer
// The short form of the fault suite where a pooler in transaction mode stands before the database: it and both of its lines
// break, and the database behind it.
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';
import { schedulesOf } from './schedules.js';

it.each(schedulesOf('two nodes, PgBouncer'))(
  `[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] [PROC3] $stage, seed $seed: ${SOUND}`,
  { timeout: SHORT_MAX },
  expectSound,
);
