// Keeps one reader exactly level with one thread (CUR1 to CUR4). A state machine over a `Transport` and a `Clock`: knows
// no socket, no DOM and no storage, and holds no rows; what it is sure of goes to its target, in order, without a gap.
import { relate, type Relation } from '../../shared/cursor.js';
import { BEAT_EVERY_MS, BEAT_GAP_MS } from '../../shared/limits.js';
import type { ErrorBody } from '../../shared/errors.js';
import type { Beat, JoinAnswer, JoinRequest } from '../../shared/protocol.js';
import type { Cursor, Delta } from '../../shared/views.js';
import type { Status } from '../state/types.js';
import { Backoff } from './backoff.js';
import type { Clock, Timer } from '../state/clock.js';
import { reactionTo } from '../state/reactions.js';
import type { Transport } from './transport.js';

/** Beats come at least every `BEAT_EVERY_MS`; after this long without one the server may have forgotten this reader. */
const SILENCE_MS = 3 * BEAT_EVERY_MS;
/** Joins that follow each other faster than this wait in between: a bad line must not become a flood of joins. */
const CALM_MS = 1_000;
/** Deltas kept while a join is under way. Past it the newest are let go: the next one then shows the gap. */
const PARKED_MAX = 1_000;
/** Joins without an answer, one after the other, until the line is taken for dead. */
const UNANSWERED_MAX = 2;

/** Who is kept level. */
export interface SyncTarget {
  /** How far it has read; null: nothing yet. */
  readonly cursor: Cursor | null;
  /** Before an answer counts: fetches what else it takes (CUR10). */
  reach(answer: JoinAnswer): Promise<JoinAnswer>;
  joined(answer: JoinAnswer): void;
  /** Only ever a delta that follows the cursor. */
  delta(delta: Delta): void;
  status(status: Status): void;
  refused(error: ErrorBody): void;
}

export interface SyncOptions {
  transport: Transport;
  clock: Clock;
  target: SyncTarget;
  /** What is asked for at each join, but for the cursor. */
  question(): Omit<JoinRequest, 'cursor'>;
}

/**
 * `off`: there is no line, or nobody looks. `joining`: a join is under way, all deltas are parked. `waiting`: for the next
 * join. `live`: level, but for what is in the air. `over`: stopped or refused.
 */
type State =
  | { is: 'off' }
  | { is: 'joining'; parked: Delta[]; again: boolean }
  | { is: 'waiting'; parked: Delta[]; timer: Timer }
  | { is: 'live'; silence: Timer; behind: Timer | null }
  | { is: 'over' };

/**
 * One thread, one join at a time. Every way to fall behind ends in the same place: a lost line, a range that does not
 * follow, a beat that is ahead, `thread:stale`, another epoch and a silence all lead to `thread:join` with the cursor
 * (REQ2); its answer is applied, then what was parked meanwhile, and whatever still does not follow asks again.
 *
 * While a join is under way nothing else is applied, so the answer always continues the cursor that it was asked with.
 */
export class Sync {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #target: SyncTarget;
  readonly #question: () => Omit<JoinRequest, 'cursor'>;
  readonly #backoff: Backoff;
  readonly #listening: (() => void)[] = [];
  #state: State = { is: 'off' };
  #isWanted = true;
  #wasLive = false;
  #unanswered = 0;
  #answeredAt = -Infinity;
  /** The server answered with a delta that does not continue the cursor: only a snapshot helps. */
  #isLost = false;
  #room: { thread: string; leave: () => void } | null = null;

  constructor({ transport, clock, target, question }: SyncOptions) {
    this.#transport = transport;
    this.#clock = clock;
    this.#target = target;
    this.#question = question;
    this.#backoff = new Backoff(clock);
  }

  get isLive(): boolean {
    return this.#state.is === 'live';
  }

  /** Begins; the status is told from here on. */
  start(): void {
    const line = this.#transport;
    this.#listening.push(
      line.on('up', () => this.#joinIfWanted()),
      line.on('down', () => this.#down()),
      line.on('failed', () => this.#state.is === 'off' && this.#target.status('offline')),
      line.on('refused', (error) => this.#refuse(error)),
      line.on('thread:delta', (delta) => this.#delta(delta)),
      line.on('thread:beat', (beat) => this.#beat(beat)),
      // Also while joining: the answer under way may have been made before this reader was taken off the live lane.
      line.on('thread:stale', ({ thread }) => thread === this.#room?.thread && this.again()),
    );
    if (line.refusal) this.#refuse(line.refusal);
    else this.#joinIfWanted();
  }

  /** Leaves the thread until `resume`. */
  pause(): void {
    this.#isWanted = false;
    this.#down();
    this.#leave();
  }

  resume(): void {
    this.#isWanted = true;
    if (this.#state.is === 'off') this.#joinIfWanted();
  }

  /** Joins again: the question has changed. */
  again(): void {
    const state = this.#state;
    // The answer under way may be to the earlier question.
    if (state.is === 'joining') state.again = true;
    else if (state.is === 'live') this.#rejoin([]);
  }

  /** Leaves for good; nothing is told to the target any more. */
  stop(): void {
    this.#become({ is: 'over' });
    for (const off of this.#listening.splice(0)) off();
    this.#leave();
  }

  #joinIfWanted(): void {
    if (!this.#isWanted || !this.#transport.connected || this.#state.is === 'over') return;
    this.#backoff.reset();
    void this.#join([]);
  }

  async #join(parked: Delta[]): Promise<void> {
    const state = this.#become({ is: 'joining', parked, again: false });
    this.#target.status(this.#wasLive ? 'catching-up' : 'connecting');
    const { cursor } = this.#target;
    const answer = await this.#transport.request('thread:join', {
      ...this.#question(),
      ...(cursor && !this.#isLost && { cursor }),
    });
    if (answer?.ok) answer.data = await this.#target.reach(answer.data);
    if (this.#state !== state) {
      // Nobody looks any more, and the server does not know that it was left.
      if (answer?.ok && ['off', 'over'].includes(this.#state.is)) this.#transport.enter(threadOf(answer.data))();
      return;
    }
    if (answer?.ok) {
      this.#unanswered = 0;
      if (this.#isOvertaken(answer.data, cursor)) this.#rejoin(state.parked);
      else this.#accept(answer.data, state);
    } else if (answer && reactionTo(answer.error) !== 'wait') this.#refuse(answer.error);
    else {
      this.#wait(this.#backoff.next(answer?.error.retryAfterMs), state.parked);
      if (answer || ++this.#unanswered < UNANSWERED_MAX) return;
      this.#unanswered = 0;
      this.#transport.restart();
    }
  }

  #accept(answer: JoinAnswer, { parked, again }: State & { is: 'joining' }): void {
    this.#isLost = answer.mode === 'delta' && !this.#follows(answer.delta);
    if (this.#isLost) return this.#wait(this.#backoff.next(), parked);
    this.#target.joined(answer);
    const thread = threadOf(answer);
    this.#enter(thread);
    let isBehind = again;
    for (const delta of parked.sort((a, b) => a.from - b.from || a.to - b.to)) {
      if (delta.thread !== thread) continue;
      const relation = this.#relate(delta);
      if (relation === 'next') this.#target.delta(delta);
      else if (relation !== 'old') isBehind = true;
    }
    if (isBehind) return this.#rejoin([]);
    this.#answeredAt = this.#clock.now();
    this.#wasLive = true;
    this.#become({ is: 'live', silence: this.#listenForSilence(), behind: null });
    this.#target.status('live');
  }

  /** A first page was taken over while it was asked for, and knows more. */
  #isOvertaken(answer: JoinAnswer, asked: Cursor | null): boolean {
    const { cursor } = this.#target;
    if (cursor === asked || !cursor || answer.mode === 'delta') return false;
    return cursor.epoch === answer.cursor.epoch && cursor.seq > answer.cursor.seq;
  }

  #follows(delta: Delta): boolean {
    const { cursor } = this.#target;
    const relation = cursor && relate(cursor, delta);
    return relation === 'next' || relation === 'old';
  }

  /** One that leaves out what this reader did not ask to be counted (CUR9) is a gap: another tab shares the line. */
  #relate(delta: Delta): Relation {
    const relation = relate(this.#target.cursor!, delta);
    return delta.left && relation === 'next' && this.#question().lane !== 'digest' ? 'gap' : relation;
  }

  /** Joins because something is missing: at once, unless the last answer is that recent. */
  #rejoin(parked: Delta[]): void {
    const isCalm = this.#clock.now() - this.#answeredAt >= CALM_MS;
    this.#answeredAt = this.#clock.now();
    if (!isCalm) return this.#wait(this.#backoff.next(), parked);
    this.#backoff.reset();
    void this.#join(parked);
  }

  #wait(ms: number, parked: Delta[]): void {
    const timer = this.#clock.setTimeout(() => void this.#join(parked), ms);
    this.#become({ is: 'waiting', parked, timer });
    this.#target.status(this.#wasLive ? 'catching-up' : 'connecting');
  }

  #delta(delta: Delta): void {
    const state = this.#state;
    if (state.is === 'joining' || state.is === 'waiting') {
      // Before the first answer the thread's id may be unknown: everything is parked, and sorted out then.
      if (state.parked.length < PARKED_MAX) state.parked.push(delta);
    } else if (state.is === 'live' && delta.thread === this.#room?.thread) {
      this.#heard(state);
      const relation = this.#relate(delta);
      if (relation === 'next') this.#target.delta(delta);
      else if (relation !== 'old') this.#rejoin([delta]);
    }
  }

  /** CUR4: otherwise the loss of the last delta would stay unseen. */
  #beat({ thread, epoch, head }: Beat): void {
    const state = this.#state;
    if (state.is !== 'live' || thread !== this.#room?.thread) return;
    this.#heard(state);
    const { epoch: known, seq } = this.#target.cursor!;
    if (epoch !== known) this.#rejoin([]);
    else if (head > seq) {
      state.behind ??= this.#clock.setTimeout(() => {
        state.behind = null;
        if (this.#target.cursor!.seq < head) this.#rejoin([]);
      }, BEAT_GAP_MS);
    }
  }

  #heard(state: State & { is: 'live' }): void {
    this.#clock.clearTimeout(state.silence);
    state.silence = this.#listenForSilence();
  }

  #listenForSilence(): Timer {
    return this.#clock.setTimeout(() => void this.#join([]), SILENCE_MS);
  }

  #down(): void {
    if (this.#state.is === 'off' || this.#state.is === 'over') return;
    this.#become({ is: 'off' });
    if (this.#wasLive) this.#target.status('catching-up');
  }

  #refuse(error: ErrorBody): void {
    this.#become({ is: 'over' });
    this.#target.refused(error);
  }

  #enter(thread: string): void {
    if (this.#room?.thread === thread) return;
    this.#leave();
    this.#room = { thread, leave: this.#transport.enter(thread) };
  }

  #leave(): void {
    this.#room?.leave();
    this.#room = null;
  }

  /** The only place where the state changes, so that no timer outlives the state that set it. */
  #become<S extends State>(state: S): S {
    const before = this.#state;
    if (before.is === 'waiting') this.#clock.clearTimeout(before.timer);
    if (before.is === 'live') {
      this.#clock.clearTimeout(before.silence);
      this.#clock.clearTimeout(before.behind);
    }
    this.#state = state;
    return state;
  }
}

function threadOf(answer: JoinAnswer): string {
  return answer.mode === 'snapshot' ? answer.thread.id : answer.delta.thread;
}
