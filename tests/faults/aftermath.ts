// What a server still holds when everybody has gone: as much as before anybody came, but for what it keeps on purpose.
import type { Weight } from '../support/inside.js';
import { until } from '../support/until.js';
import type { ServerNode } from './server-node.js';

/** Beyond what it had when it began: compiled code, and the last changes of the threads. */
const HEAP_GROWTH_MAX = 24 * 1024 * 1024;
/**
 * Of each kind (sockets, timers, requests, ...). Ten are the connections of the pool, which are opened when they are needed and
 * kept, with a timer each; the others are threads that are kept warm for half a minute.
 */
const HELD_GROWTH_MAX = 16;
const WITHIN_MS = 10_000;
const EVERY_MS = 500;

/** Says what is left; rejects where more is held than may be. All clients must have gone. */
export async function settle(node: ServerNode, before: Weight): Promise<string> {
  // Of connections that the line has forgotten the server is told now, not when their time is over.
  node.line.cut('fin');
  let now = await node.weigh();
  const grown = (): number => now.heapBytes - before.heapBytes;
  const surplus = (): [kind: string, count: number][] =>
    Object.entries(now.counts)
      .map(([kind, count]): [string, number] => [kind, count - (before.counts[kind] ?? 0)])
      .filter(([, count]) => count > 0);
  const isBack = async (): Promise<boolean> => {
    now = await node.weigh();
    return grown() < HEAP_GROWTH_MAX && surplus().every(([, count]) => count <= HELD_GROWTH_MAX);
  };
  const told = (): string =>
    surplus()
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || 'nothing';
  const left = (): string => `${(grown() / 1024 / 1024).toFixed(1)} MiB of heap, and ${told()}, more than at its start`;
  await until(isBack, 'it to let go', { withinMs: WITHIN_MS, everyMs: EVERY_MS }).catch((error: unknown) => {
    throw new Error(`${String(error)}: it holds ${left()}`);
  });
  return left();
}
