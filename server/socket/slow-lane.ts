// Readers who save data (CUR8, PUMP7): of each thread they hear what changed together, every `SLOW_LANE_MS`, and then a beat
// that says how far that was. Owns how far each thread's slow lane was told; the live lane pays nothing for it.
import { SLOW_LANE_MS } from '../../shared/limits.js';
import type { Beat } from '../../shared/protocol.js';
import type { Cursor, Delta } from '../../shared/views.js';
import type { Clock, Timer } from '../clock.js';

/** How often it is looked whose time has come: threads that were entered at different times are told at different times. */
const SWEEP_MS = 250;

export interface SlowLaneOptions {
  clock: Clock;
  live: {
    position(threadId: string): Cursor | null;
    published(threadId: string, seq: number | null): Delta | null;
  };
  /** Whether somebody hears this room. */
  has(room: string): boolean;
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
}

/** The room of those who hear a thread in the slow lane; the live ones' is the thread's id. */
export function slowRoom(threadId: string): string {
  return `${threadId} slow`;
}

export class SlowLane {
  readonly #options: SlowLaneOptions;
  readonly #threads = new Map<string, Told>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: SlowLaneOptions) {
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
    const { clock, live } = this.#options;
    this.#threads.set(threadId, {
      cursor: live.position(threadId),
      dueAt: clock.now() + SLOW_LANE_MS,
      beat: null,
    });
  }

  /** The newest one waits for the thread's time. */
  beat(beat: Beat): void {
    const told = this.#threads.get(beat.thread);
    if (told) told.beat = beat;
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    for (const [thread, told] of this.#threads) {
      if (told.dueAt > now) continue;
      told.dueAt = now + SLOW_LANE_MS;
      if (this.#options.has(slowRoom(thread))) this.#tell(thread, told);
      else this.#threads.delete(thread);
    }
  }

  #tell(thread: string, told: Told): void {
    const { live, emit } = this.#options;
    const room = slowRoom(thread);
    const position = live.position(thread);
    if (!position) return;
    const isKnown = told.cursor === null || told.cursor.epoch === position.epoch;
    const delta = isKnown ? live.published(thread, told.cursor?.seq ?? null) : null;
    told.cursor = position;
    // More changed than memory holds: each asks for what it misses.
    if (!delta) return emit(room, 'thread:stale', { thread, head: position.seq });
    if (delta.to > delta.from) emit(room, 'thread:delta', delta);
    if (told.beat) emit(room, 'thread:beat', { ...told.beat, epoch: position.epoch, head: position.seq });
  }
}
