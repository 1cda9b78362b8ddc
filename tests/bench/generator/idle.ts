// The load of B7: readers that do nothing but stay. Counts what the servers ask of them, so that pings in step are seen.
import { Crowd, type Kind } from './crowd.js';

export interface IdleOptions {
  kind: Kind;
  port: number;
  readers: number;
  keys: readonly string[];
}

export interface IdleCounts {
  /** Pings of the busiest second over those of the mean one; null where there were none. */
  pingPeak: number | null;
  /** Pings since the last time this was asked. */
  pings: number;
  /** Pushes since the last time this was asked. */
  pushes: number;
  lost: number;
}

interface Seen {
  /** Pings by second. */
  seconds: Map<number, number>;
  since: number;
  pushes: number;
}

export class Idle {
  readonly #stays = new Map<Kind, { crowd: Crowd; seen: Seen }>();

  /** Comes and goes again: what a server makes once, for its first readers, is made then. */
  async visit(options: IdleOptions): Promise<void> {
    const crowd = new Crowd({ ...options, onPush: () => {} });
    await crowd.connect();
    crowd.end();
  }

  async stay(options: IdleOptions): Promise<void> {
    const seen: Seen = { seconds: new Map(), since: performance.now(), pushes: 0 };
    const crowd = new Crowd({
      ...options,
      onPush: () => {
        seen.pushes += 1;
      },
      onPing: () => {
        const second = Math.floor(performance.now() / 1_000);
        seen.seconds.set(second, (seen.seconds.get(second) ?? 0) + 1);
      },
    });
    this.#stays.set(options.kind, { crowd, seen });
    await crowd.connect();
  }

  /** Since the last call, by kind of server. */
  counts(): Partial<Record<Kind, IdleCounts>> {
    const found: Partial<Record<Kind, IdleCounts>> = {};
    for (const [kind, { crowd, seen }] of this.#stays) {
      const elapsed = (performance.now() - seen.since) / 1_000;
      const pings = [...seen.seconds.values()].reduce((sum, count) => sum + count, 0);
      const peak = Math.max(...seen.seconds.values());
      found[kind] = {
        pings,
        pingPeak: pings === 0 ? null : peak / (pings / elapsed),
        pushes: seen.pushes,
        lost: crowd.lost.length,
      };
      seen.seconds.clear();
      seen.pushes = 0;
      seen.since = performance.now();
    }
    return found;
  }
}
