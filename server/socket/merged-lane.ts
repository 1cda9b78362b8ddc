// Lanes that hear of a thread what changed together, every so often, and then a beat that says how far it was: that of readers
// who save data (CUR8, PUMP7), and that of readers who only count what is new (CUR9, PUMP10). Owns how far each thread's lane
// was told; the live lane pays nothing for it.
import { BEAT_EVERY_MS } from '../../shared/limits.js';
import type { Beat, Lane } from '../../shared/protocol.js';
import type { Cursor, Delta } from '../../shared/views.js';
import type { Clock, Timer } from '../clock.js';
import { SPACING_PER_BUSY } from '../threads/pump.js';
import { roomOf } from './lanes.js';

/** How often it is looked whose time has come: threads that were entered at different times are told at different times. */
const SWEEP_MS = 250;

export interface MergedLaneOptions {
  lane: Exclude<Lane, 'live'>;
  everyMs: number;
  /** What becomes of a delta of this lane; absent: it is told whole. */
  shape?(delta: Delta): Delta;
  clock: Clock;
  live: {
    position(threadId: string): Cursor | null;
    published(threadId: string, seq: number | null): Delta | null;
  };
  /** Whether somebody hears this room. */
  has(room: string): boolean;
  /** How long the room's last push took; Infinity while it is still being written. */
  busyMs(room: string): number;
  emit(room: string, ...push: ['thread:delta', Delta] | ['thread:beat', Beat] | ['thread:stale', Stale]): void;
}

interface Stale {
  thread: string;
  head: number;
}

interface Told {
  /** Null: nobody had read the thread here when the first came; its readers know what memory begins with. */
  cursor: Cursor | null;
  dueAt: number;
  beat: Beat | null;
  beatAt: number;
}

export class MergedLane {
  readonly #options: MergedLaneOptions;
  readonly #threads = new Map<string, Told>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: MergedLaneOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#sweep();
      this.start();
    }, SWEEP_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
  }

  /** Before the reader is answered: what the lane is told begins no later than with what the answer holds. */
  enter(threadId: string): void {
    if (this.#threads.has(threadId)) return;
    const { clock, live, everyMs } = this.#options;
    this.#threads.set(threadId, {
      cursor: live.position(threadId),
      dueAt: clock.now() + everyMs,
      beat: null,
      beatAt: -Infinity,
    });
  }

  /** The newest one waits for the thread's time, five seconds after the last. */
  beat(beat: Beat): void {
    const told = this.#threads.get(beat.thread);
    if (told) told.beat = beat;
  }

  #sweep(): void {
    const { clock, lane, everyMs, has, busyMs } = this.#options;
    const now = clock.now();
    for (const [thread, told] of this.#threads) {
      if (told.dueAt > now) continue;
      const room = roomOf(thread, lane);
      const busy = busyMs(room);
      if (!has(room)) this.#threads.delete(thread);
      else if (busy !== Infinity) {
        // As in the live lane: writing to many leaves the most of the time to everything else.
        told.dueAt = now + Math.max(everyMs, busy * SPACING_PER_BUSY);
        this.#tell(thread, told, now);
      }
    }
  }

  #tell(thread: string, told: Told, now: number): void {
    const { lane, live, emit, shape = (delta) => delta } = this.#options;
    const room = roomOf(thread, lane);
    const position = live.position(thread);
    if (!position) return;
    const isKnown = told.cursor === null || told.cursor.epoch === position.epoch;
    const delta = isKnown ? live.published(thread, told.cursor?.seq ?? null) : null;
    told.cursor = position;
    // More changed than memory holds: each asks for what it misses.
    if (!delta) return emit(room, 'thread:stale', { thread, head: position.seq });
    if (delta.to > delta.from) emit(room, 'thread:delta', shape(delta));
    if (!told.beat || now - told.beatAt < BEAT_EVERY_MS) return;
    told.beatAt = now;
    emit(room, 'thread:beat', { ...told.beat, epoch: position.epoch, head: position.seq });
  }
}
