// How many readers a thread has and who is writing, over all nodes, and the beats that tell it. Nothing is stored.
import { BEAT_EVERY_MS, BEAT_MIN_GAP_MS, TYPING_FOR_MS, TYPING_NAMES_MAX } from '../../shared/limits.js';
import type { Beat } from '../../shared/protocol.js';
import type { Cursor } from '../../shared/views.js';
import type { Bus, PresenceHint } from '../bus/bus.js';
import type { Clock, Timer } from '../clock.js';

/** How often it is looked whether a beat is due; the shortest delay of a change that readers see. */
const SWEEP_MS = 250;
/** A node repeats itself this often; a node that is silent for longer than the second figure is gone. */
const REPEAT_MS = 15_000;
const FORGET_MS = 40_000;

export interface PresenceOptions {
  node: string;
  clock: Clock;
  bus: Pick<Bus, 'publish'>;
  /** How far the thread's readers on this node were told; null where nobody reads it here any more. */
  position(threadId: string): Cursor | null;
  beat(beat: Beat): void;
}

interface Local {
  readers: number;
  /** Whether the site tells how many read. */
  showsReaders: boolean;
  /** Until when each name is writing. */
  typing: Map<string, number>;
  beatAt: number;
  toldAt: number;
  changed: boolean;
  untold: boolean;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #local = new Map<string, Local>();
  /** What other nodes told, by thread and node. */
  readonly #remote = new Map<string, Map<string, PresenceHint & { at: number }>>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  start(): void {
    const next = (): void => {
      if (this.#stopped) return;
      this.#timer = this.#options.clock.setTimeout(() => {
        this.#sweep();
        next();
      }, SWEEP_MS);
    };
    next();
  }

  /** Tells the other nodes that nobody reads here any more. */
  stop(): void {
    this.#stopped = true;
    const { clock } = this.#options;
    if (this.#timer !== null) clock.clearTimeout(this.#timer);
    for (const [threadId, local] of this.#local)
      this.#tell(threadId, { ...local, readers: 0, typing: new Map() }, clock.now());
    this.#local.clear();
  }

  /** Of all threads on this node. */
  get readers(): number {
    return [...this.#local.values()].reduce((sum, { readers }) => sum + readers, 0);
  }

  /** `showsReaders`: whether the site tells how many read. */
  entered(threadId: string, showsReaders = true): void {
    const local = this.#local.get(threadId) ?? this.#begin(threadId);
    local.showsReaders = showsReaders;
    local.readers += 1;
    this.#touch(local);
  }

  left(threadId: string): void {
    const local = this.#local.get(threadId);
    if (!local) return;
    local.readers = Math.max(0, local.readers - 1);
    this.#touch(local);
  }

  typing(threadId: string, name: string): void {
    const local = this.#local.get(threadId);
    if (!local) return;
    const isNew = !local.typing.has(name);
    local.typing.set(name, this.#options.clock.now() + TYPING_FOR_MS);
    if (isNew) this.#touch(local);
  }

  /** What was written is there: nobody waits for it any more. */
  wrote(threadId: string, name: string): void {
    const local = this.#local.get(threadId);
    if (local?.typing.delete(name)) this.#touch(local);
  }

  heard(hint: PresenceHint): void {
    const nodes = this.#remote.get(hint.thread) ?? new Map<string, PresenceHint & { at: number }>();
    this.#remote.set(hint.thread, nodes);
    nodes.set(hint.node, { ...hint, at: this.#options.clock.now() });
    const local = this.#local.get(hint.thread);
    if (local) local.changed = true;
  }

  #begin(threadId: string): Local {
    const local = {
      readers: 0,
      showsReaders: true,
      typing: new Map(),
      beatAt: 0,
      toldAt: 0,
      changed: true,
      untold: true,
    };
    this.#local.set(threadId, local);
    return local;
  }

  #touch(local: Local): void {
    local.changed = true;
    local.untold = true;
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    this.#forget(now);
    for (const [threadId, local] of this.#local) {
      for (const [name, until] of local.typing) {
        if (until > now) continue;
        local.typing.delete(name);
        this.#touch(local);
      }
      if (local.untold ? now - local.toldAt >= BEAT_MIN_GAP_MS : now - local.toldAt >= REPEAT_MS) {
        this.#tell(threadId, local, now);
      }
      const due = local.changed ? BEAT_MIN_GAP_MS : BEAT_EVERY_MS;
      if (local.readers > 0 && now - local.beatAt >= due) this.#beat(threadId, local, now);
      if (local.readers === 0 && !local.untold) this.#local.delete(threadId);
    }
  }

  #forget(now: number): void {
    for (const [threadId, nodes] of this.#remote) {
      for (const [node, { at, readers }] of nodes) if (readers === 0 || now - at > FORGET_MS) nodes.delete(node);
      if (nodes.size === 0) this.#remote.delete(threadId);
    }
  }

  #tell(threadId: string, local: Local, now: number): void {
    local.untold = false;
    local.toldAt = now;
    const { node, bus } = this.#options;
    bus.publish({ kind: 'presence', node, thread: threadId, readers: local.readers, typing: names(local) });
  }

  #beat(threadId: string, local: Local, now: number): void {
    const position = this.#options.position(threadId);
    if (!position) return;
    local.changed = false;
    local.beatAt = now;
    const remote = [...(this.#remote.get(threadId)?.values() ?? [])];
    const typing = new Set([...names(local), ...remote.flatMap((hint) => hint.typing)]);
    this.#options.beat({
      thread: threadId,
      epoch: position.epoch,
      head: position.seq,
      readers: local.showsReaders ? remote.reduce((sum, hint) => sum + hint.readers, local.readers) : 0,
      typing: [...typing].slice(0, TYPING_NAMES_MAX),
    });
  }
}

function names(local: Local): string[] {
  return [...local.typing.keys()].slice(0, TYPING_NAMES_MAX);
}
