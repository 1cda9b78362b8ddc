// The short form of the fault suite: real processes, and schedules that are the same each time. The long form is
// `npm run test:faults`. This one has two nodes on one database; others have its own (`embedded.test.ts`), Redis
// (`redis.test.ts`) and PgBouncer (`pooler.test.ts`).
import { it } from 'vitest';

import { expectSound, SHORT_MAX, SOUND } from './short.js';
import { schedulesOf } from './schedules.js';

it.each(schedulesOf('two nodes'))(
  `[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] $stage, seed $seed: ${SOUND}`,
  { timeout: SHORT_MAX },
  expectSound,
);
