// Mends five faults of the database driver (postgres 3.4.9) where it is bundled and where it is tested, so that a connection
// that is lost harms nothing but what was under way on it, and has it show its sockets to whoever watches them (the option
// `watch`): docs/decisions/0021-a-mended-driver.md. Throws where the driver has changed.
import type { Plugin } from 'vite';

type Change = readonly [place: RegExp, instead: string];

const CONNECTION: readonly Change[] = [
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
  // A connection that the server ended in the middle of a query kept that query and the reason. The next one in its place then
  // refused its first query, unsent, for that old reason, and closing the pool waited for the old query until it gave up.
  [
    /(?<=error\(Errors\.connection\('CONNECTION_CLOSED', options, socket\)\)\n)(?= {4}closedTime = )/,
    '    query = results = errorResponse = null\n',
  ],
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
  // Each socket is shown, a TLS socket together with the plain one that it was put around.
  [/ {4}sslnegotiation,\n/, '    sslnegotiation,\n    watch,\n'],
  [/(?<=x\.on\('drain', drain\)\n)(?= {4}return x)/, '    watch?.(x)\n'],
  [/socket = tls\.connect\(options\)/, 'watch?.((socket = tls.connect(options)), options.socket)'],
];
const OPTIONS: readonly Change[] = [[/(?<=socket {10}: o\.socket,\n)/, '    watch: o.watch,\n']];

function changed(code: string, changes: readonly Change[]): string {
  return changes.reduce((mended, [place, instead]) => {
    if (!place.test(mended)) throw new Error(`The driver has changed: ${place.source} is not there any more.`);
    return mended.replace(place, instead);
  }, code);
}

export const mendedPostgres: Plugin = {
  name: 'mended-postgres',
  transform: {
    order: 'pre',
    filter: { id: /node_modules\/postgres\/src\/(connection|index)\.js$/ },
    handler: (code, id) => changed(code, id.endsWith('connection.js') ? CONNECTION : OPTIONS),
  },
};
