// The load generator: one process for one measurement, apart from the servers and much cheaper. What it does is in
// ../generator/.
import { Fanout } from '../generator/fanout.js';
import { Flood } from '../generator/flood.js';
import { Front } from '../generator/front.js';
import { Idle } from '../generator/idle.js';
import { Soak } from '../generator/soak.js';
import { Storm } from '../generator/storm.js';
import { Writes } from '../generator/writes.js';
import { serve } from '../harness/rpc.js';

const fanout = new Fanout();
const front = new Front();
const idle = new Idle();
const spread = new Writes();
const hot = new Writes();
const soak = new Soak();
const storm = new Storm();
const flood = new Flood();
const quiet = new Flood();

const api = {
  tap: (options: Parameters<Fanout['openTap']>[0]) => fanout.openTap(options),
  tapStatements: () => fanout.statements(),
  fanoutConnect: (options: Parameters<Fanout['connect']>[0]) => fanout.connect(options),
  fanoutPublish: (plan: Parameters<Fanout['publish']>[0]) => fanout.publish(plan),
  spreadConnect: (options: Parameters<Writes['connect']>[0]) => spread.connect(options),
  spreadPaced: (plan: Parameters<Writes['paced']>[0]) => spread.paced(plan),
  hotConnect: (options: Parameters<Writes['connect']>[0]) => hot.connect(options),
  hotPaced: (plan: Parameters<Writes['paced']>[0]) => hot.paced(plan),
  hotSaturate: (options: Parameters<Writes['saturate']>[0]) => hot.saturate(options),
  frontConnect: (options: Parameters<Front['connect']>[0]) => front.connect(options),
  frontWrite: (options: Parameters<Front['write']>[0]) => front.write(options),
  frontRun: (plan: Parameters<Front['run']>[0]) => front.run(plan),
  idleVisit: (options: Parameters<Idle['visit']>[0]) => idle.visit(options),
  idleStay: (options: Parameters<Idle['stay']>[0]) => idle.stay(options),
  idleCounts: () => idle.counts(),
  floodConnect: (options: Parameters<Flood['connect']>[0]) => flood.connect(options),
  floodStall: (options: Parameters<Flood['stall']>[0]) => flood.stall(options),
  floodRun: (plan: Parameters<Flood['run']>[0]) => flood.run(plan),
  floodAtHead: (options: Parameters<Flood['atHead']>[0]) => flood.atHead(options),
  floodSame: (options: Parameters<Flood['same']>[0]) => flood.same(options),
  quietConnect: (options: Parameters<Flood['connect']>[0]) => quiet.connect(options),
  quietRun: (plan: Parameters<Flood['run']>[0]) => quiet.run(plan),
  stormGather: (options: Parameters<Storm['gather']>[0]) => storm.gather(options),
  stormMiss: (options: Parameters<Storm['miss']>[0]) => storm.miss(options),
  stormReturn: (options: Parameters<Storm['return']>[0]) => storm.return(options),
  soakStart: (options: Parameters<Soak['start']>[0]) => soak.start(options),
  soakPause: () => soak.pause(),
  soakCounts: () => soak.counts(),
};
export type GeneratorApi = typeof api;

serve('program', api);
