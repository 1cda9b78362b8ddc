// The short form of the fault suite where the server brings its own database: it and its disk break, and what is beside it.
import { staysSound } from './short.js';

staysSound('embedded', '[SEQ3] [REQ1] [REQ5] [REQ8] [CUR1]');
