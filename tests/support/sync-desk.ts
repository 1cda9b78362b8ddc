// A sync with a scripted line and a reader that holds what it is given: joins wait for the test to answer them.
import { expect } from 'vitest';
import { applyDelta } from '../../shared/apply.js';
import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import { fromSnapshot, type Held } from '../../shared/held.js';
import type { Answer, Beat, JoinAnswer, JoinRequest } from '../../shared/protocol.js';
import type { Cursor, Delta, You } from '../../shared/views.js';
import { Emitter } from '../../widget/net/emitter.js';
import { Sync, type SyncTarget } from '../../widget/net/sync.js';
import type { LineEvents, Transport } from '../../widget/net/transport.js';
import type { Status } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { EPOCH, makeDelta, makeReply, makeSnapshot, THREAD } from './replies.js';

export const YOU: You = { me: null, can: { write: false, vote: false }, votes: {} };
export const asDelta = (delta: Delta): JoinAnswer => ({ mode: 'delta', delta, you: YOU });
export const asSnapshot = (seq: number, epoch = EPOCH): JoinAnswer => ({
  mode: 'snapshot',
  ...makeSnapshot([], { cursor: { epoch, seq } }),
  you: YOU,
});

/** A line whose joins wait for the test to answer them. */
export class ScriptedLine implements Transport {
  readonly events = new Emitter<LineEvents>();
  readonly joins: JoinRequest[] = [];
  readonly left: string[] = [];
  #answers: ((answer: Answer<JoinAnswer> | null) => void)[] = [];
  connected = true;
  refusal: ErrorBody | null = null;
  restarts = 0;

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.events.on(name, listener);
  }
  request(name: string, payload: unknown): Promise<never> {
    expect(name).toBe('thread:join');
    this.joins.push(payload as JoinRequest);
    return new Promise((resolve) => this.#answers.push(resolve as never));
  }
  enter(thread: string): () => void {
    return () => this.left.push(thread);
  }
  restart(): void {
    this.restarts++;
  }
  get isAsked(): boolean {
    return this.#answers.length > 0;
  }
  /** Answers the last join. */
  async answer(answer: JoinAnswer | ErrorBody | null): Promise<void> {
    const give = this.#answers.pop()!;
    this.#answers = [];
    if (answer === null) give(null);
    else give('mode' in answer ? { ok: true, data: answer } : { ok: false, error: answer });
    await settle();
  }
  /** Answers the earliest join alone. */
  async answerFirst(data: JoinAnswer): Promise<void> {
    this.#answers.shift()!({ ok: true, data });
    await settle();
  }
  up(): void {
    this.connected = true;
    this.events.emit('up', null);
  }
  down(): void {
    this.connected = false;
    this.events.emit('down', null);
  }
}

/** Holds what it is given, and refuses a delta that does not follow. */
export class HoldingReader implements SyncTarget {
  held: Held | null = null;
  statuses: Status[] = [];
  refusals: ErrorCode[] = [];
  applied: string[] = [];

  get cursor(): Cursor | null {
    return this.held?.cursor ?? null;
  }
  async reach(answer: JoinAnswer): Promise<JoinAnswer> {
    return answer;
  }
  joined(answer: JoinAnswer): void {
    if (answer.mode === 'snapshot') this.held = fromSnapshot(answer);
    else this.delta(answer.delta);
  }
  delta(delta: Delta): void {
    this.held = applyDelta(this.held!, delta);
    this.applied.push(`${delta.from}-${delta.to}`);
  }
  status(status: Status): void {
    if (this.statuses.at(-1) !== status) this.statuses.push(status);
  }
  refused(error: ErrorBody): void {
    this.refusals.push(error.code);
  }
}

/** An error as the server sends it. */
export const errorOf = (code: ErrorCode, more: Partial<ErrorBody> = {}): ErrorBody => ({
  code,
  message: '',
  retry: ERRORS[code].retry,
  ...more,
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class SyncDesk {
  readonly clock = new VirtualClock(new Random(1));
  readonly line = new ScriptedLine();
  readonly reader = new HoldingReader();
  readonly sync = new Sync({
    transport: this.line,
    clock: this.clock,
    target: this.reader,
    question: () => ({ key: 'article', sort: 'oldest' }),
  });

  get seq(): number | undefined {
    return this.reader.cursor?.seq;
  }

  push(from: number, to: number, more: Partial<Delta> = {}): void {
    this.line.events.emit('thread:delta', makeDelta(from, to, [makeReply(`r${to}`, { born: to })], more));
  }

  beat(head: number, more: Partial<Beat> = {}): void {
    this.line.events.emit('thread:beat', { thread: THREAD, epoch: EPOCH, head, readers: 1, typing: [], ...more });
  }

  /** Level at this seq, for some time already. */
  async goLive(at = 10): Promise<void> {
    this.sync.start();
    await this.line.answer(asSnapshot(at));
    await this.clock.pass(2_000);
  }
}
