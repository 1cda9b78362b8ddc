// Mends four faults of the database driver (postgres 3.4.9) where it is bundled and where it is tested, so that a connection
// that is lost harms nothing but what was under way on it: docs/decisions/0021-a-mended-driver.md. Throws where the driver has
// changed.
import type { Plugin } from 'vite';

const FAULTS: readonly (readonly [fault: RegExp, instead: string])[] = [
  // What was to be written in the next turn is forgotten with its connection. Left behind, it stood before the first bytes
  // of the next one, which then were never sent: each query there failed after ten seconds, for good.
  [
    /clearImmediate\(nextWriteTimer\)(?=\n {4}socket\.removeListener)/,
    'clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null',
  ],
  // A transaction that goes on after its connection was lost wrote to nothing, an error that nobody could catch, or waited
  // for good.
  [
    /function execute\(q\) \{\n(?= {4}if \(terminated\))/,
    "function execute(q) {\n    if (!socket && !terminated)\n      return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true)\n",
  ],
  // A query that came between the error and the close was neither answered nor refused.
  [/!hadError && \(query \|\| sent\.length\) && error\(/, ';(query || sent.length) && error('],
  // Who accepts and hangs up, as a balancer before a server that is down, was dialled again without a pause and without end,
  // and so were several hosts of which none serves; whoever asked was never answered. Each host is tried once.
  [
    /if \(initial\)\n {6}return reconnect\(\)\n/,
    `if (initial && ++retries < options.host.length)
      return reconnect()
    retries = 0
    initial && errored(Errors.connection('CONNECTION_CLOSED', options, socket))
`,
  ],
];

export const mendedPostgres: Plugin = {
  name: 'mended-postgres',
  transform: {
    order: 'pre',
    filter: { id: /node_modules\/postgres\/src\/connection\.js$/ },
    handler: (code) => {
      let mended = code;
      for (const [fault, instead] of FAULTS) {
        if (!fault.test(mended)) throw new Error(`The driver has changed: ${fault.source} is not there any more.`);
        mended = mended.replace(fault, instead);
      }
      return mended;
    },
  },
};
