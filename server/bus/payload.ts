// What hints look like on a line between nodes: JSON, with the node that tells them. Owns the packing, and that nothing
// which is not a hint comes in.
import { z } from 'zod';

import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Hint } from './bus.js';

const Payload = z.object({
  node: z.string(),
  hints: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('head'), thread: z.uuid(), head: z.number() }),
      z.object({
        kind: z.literal('presence'),
        node: z.string(),
        thread: z.uuid(),
        readers: z.number(),
        typing: z.array(z.string()),
      }),
    ]),
  ),
});

/** `hints` as JSON. With none of them it is what only the node itself listens for. */
export function envelope(node: string, hints: readonly string[]): string {
  return `{"node":"${node}","hints":[${hints.join()}]}`;
}

/** Packs hints into as few payloads of at most `bytesMax` as may be; a hint that is larger goes alone. */
export function* pack(node: string, hints: readonly Hint[], bytesMax: number): Generator<string> {
  const empty = envelope(node, []).length;
  let bytes = empty;
  let packed: string[] = [];
  for (const hint of hints) {
    const text = JSON.stringify(hint);
    const size = Buffer.byteLength(text) + 1;
    if (packed.length > 0 && bytes + size > bytesMax) {
      yield envelope(node, packed);
      packed = [];
      bytes = empty;
    }
    packed.push(text);
    bytes += size;
  }
  if (packed.length > 0) yield envelope(node, packed);
}

/** Tells the listener the hints of another node, and `heardItself` of its own; what is no payload is logged and left. */
export function hear(
  text: string,
  listener: (hint: Hint) => void,
  { self, log, metrics, heardItself }: { self: string; log: Log; metrics: Metrics; heardItself?: () => void },
): void {
  try {
    const { node, hints } = Payload.parse(JSON.parse(text));
    if (node === self) return heardItself?.();
    metrics.hints('heard', hints.length);
    hints.forEach(listener);
  } catch (error) {
    log.warn({ error }, 'a hint of another node was not understood');
  }
}
