// The short form of the fault suite: real processes, and schedules that are the same each time. The long form is
// `npm run test:faults`. This one has two nodes on one database; others have its own (`embedded.test.ts`), Redis
// (`redis.test.ts`) and PgBouncer (`pooler.test.ts`).
import { staysSound } from './short.js';

staysSound('two nodes', '[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1]');
