// Needs: redis
// The short form of the fault suite where Redis carries the hints: it and its line break, and what is beside it.
import { staysSound } from './short.js';

staysSound('two nodes, Redis', '[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1] [PUMP3]');
