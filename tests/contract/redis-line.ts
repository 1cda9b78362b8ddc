// Nodes over a Redis: what the tests of that bus begin with.
import { newId } from '../../shared/ids.js';
import { RedisBus } from '../../server/bus/redis.js';
import { createLog } from '../../server/log.js';
import { type Metrics, NO_METRICS } from '../../server/metrics/metrics.js';
import { until } from '../support/until.js';
import type { Node } from './bus.js';

function redisBus(url: string, logged: string[] = [], metrics: Metrics = NO_METRICS): RedisBus {
  const log = createLog({ level: 'info', pretty: false, to: { write: (text) => void logged.push(text) } });
  return new RedisBus({ url, log, metrics });
}

export const lineOf = (url: () => string, logged?: string[], metrics?: Metrics) => ({
  node: () => redisBus(url(), logged, metrics),
  end: async () => {},
});
export const gaps = (heard: readonly { kind: string }[]) => heard.filter(({ kind }) => kind === 'gap').length;
/** One thread for each of the channels. */
export const everyChannel = () => Array.from({ length: 16 }, (_, n) => newId().slice(0, -1) + n.toString(16));

/** Resolves when hints of the one have come to the other over every channel. */
export async function reaches(one: Node, two: Node): Promise<void> {
  const threads = everyChannel();
  threads.forEach((thread) => one.bus.publish({ kind: 'head', thread, head: 1 }));
  await until(() => threads.every((thread) => two.heads(thread).length > 0), 'hints over every channel');
}

/** What docs/scaling.md tells owners to give an account. */
export const RIGHTS = ['resetchannels', '&afterword:*', '+@connection', '+ssubscribe', '+spublish'];
