// Needs: pgbouncer
// The short form of the fault suite where a pooler in transaction mode stands before the database: it and both of its lines
// break, and the database behind it.
import { staysSound } from './short.js';

staysSound('two nodes, PgBouncer', '[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] [PROC3]');
