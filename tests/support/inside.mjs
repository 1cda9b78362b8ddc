// Loaded into a server before anything else (`node --import`): steps its clock and weighs it, when it is told to.
//
// A step of the system's clock is seen by a Node process through `Date` alone: its timers and `performance.now()` follow the
// monotonic clock, which no step moves. So moving `Date` is the whole of what such a step does to the process, without
// doing it to everything else on the machine. The database's clock stays as it is.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const Real = Date;
/** Where it is off from the beginning. */
let offsetMs = Number(process.env.CLOCK_OFF_BY_MS ?? 0);

class Stepped extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offsetMs);
    else super(...given);
  }
  static now() {
    return Real.now() + offsetMs;
  }
}
globalThis.Date = Stepped;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('message', (message) => {
  if (message.step !== undefined) offsetMs += message.step;
  if (!message.weigh) return;
  collect();
  const counts = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  process.send({ heapBytes: process.memoryUsage().heapUsed, rssBytes: process.memoryUsage().rss, counts });
});
// Whoever started it is gone, however that ended.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
