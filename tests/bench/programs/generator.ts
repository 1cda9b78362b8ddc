// The load generator: one process for one measurement, apart from the servers and much cheaper. What it does is in
// ../generator/.
import { Fanout } from '../generator/fanout.js';
import { Idle } from '../generator/idle.js';
import { Writes } from '../generator/writes.js';
import { serve } from '../harness/rpc.js';

const fanout = new Fanout();
const idle = new Idle();
const spread = new Writes();
const hot = new Writes();

const api = {
  tap: (options: Parameters<Fanout['openTap']>[0]) => fanout.openTap(options),
  fanoutConnect: (options: Parameters<Fanout['connect']>[0]) => fanout.connect(options),
  fanoutPublish: (plan: Parameters<Fanout['publish']>[0]) => fanout.publish(plan),
  spreadConnect: (options: Parameters<Writes['connect']>[0]) => spread.connect(options),
  spreadPaced: (plan: Parameters<Writes['paced']>[0]) => spread.paced(plan),
  hotConnect: (options: Parameters<Writes['connect']>[0]) => hot.connect(options),
  hotPaced: (plan: Parameters<Writes['paced']>[0]) => hot.paced(plan),
  hotSaturate: (options: Parameters<Writes['saturate']>[0]) => hot.saturate(options),
  idleVisit: (options: Parameters<Idle['visit']>[0]) => idle.visit(options),
  idleStay: (options: Parameters<Idle['stay']>[0]) => idle.stay(options),
  idleCounts: () => idle.counts(),
};
export type GeneratorApi = typeof api;

serve('program', api);
