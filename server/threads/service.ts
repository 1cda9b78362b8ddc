// The use cases, put together: of threads, of replies, and of choosing. Owns the way of a committed change to the
// readers on this node and to the other nodes; what is checked, allowed and stored is the parts' own.
import type { Bus } from '../bus/bus.js';
import { systemClock, type Clock } from '../clock.js';
import { NO_METRICS, type Metrics } from '../metrics/metrics.js';
import type { Change, Store } from '../store/store.js';
import { Access } from './access.js';
import { Choices } from './choices.js';
import { Choosing } from './choosing.js';
import type { LiveThreads } from './live.js';
import { Replies } from './replies.js';
import type { ThreadIndex } from './thread-index.js';
import { Threads } from './threads.js';
import { Turns } from './turns.js';
import { Versions } from './versions.js';

export interface ServiceOptions {
  store: Store;
  live: LiveThreads;
  bus: Pick<Bus, 'publish'>;
  index: ThreadIndex;
  metrics?: Metrics;
  /** Unix milliseconds; the real ones where nothing is said. */
  now?: () => number;
  /** Milliseconds that only go forward. */
  clock?: Pick<Clock, 'now'>;
}

export class Service {
  readonly threads: Threads;
  readonly replies: Replies;
  readonly choices: Choices;
  readonly #live: LiveThreads;
  readonly #bus: Pick<Bus, 'publish'>;
  readonly #versions: Versions;

  constructor({ store, live, bus, index, metrics = NO_METRICS, now = Date.now, clock = systemClock }: ServiceOptions) {
    this.#live = live;
    this.#bus = bus;
    const versions = (this.#versions = new Versions(store, live, clock));
    const access = new Access(store, index);
    const turns = new Turns(clock);
    const choosing = new Choosing();
    const committed = (change: Change): void => this.#committed(change);
    this.threads = new Threads({ store, live, index, versions, access, choosing, committed });
    this.replies = new Replies({ store, access, turns, committed, metrics, now });
    this.choices = new Choices({ store, access, turns, choosing, committed });
  }

  /** PUMP1: nobody broadcasts here; the pump is handed the change and the other nodes get a hint, after the commit. */
  #committed(change: Change): void {
    this.#live.offer(change);
    this.#versions.moved(change.thread.id);
    this.#bus.publish({ kind: 'head', thread: change.thread.id, head: change.to });
  }

  /** Another node has written there. */
  heard(threadId: string, head: number): void {
    this.#versions.moved(threadId);
    this.#live.nudge(threadId, head);
  }
}
