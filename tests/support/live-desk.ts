// The writing half over a scripted line: each request is answered at once, by a function that a test may replace.
import type { ErrorBody, ErrorCode } from '../../shared/errors.js';
import type { Answer, JoinAnswer } from '../../shared/protocol.js';
import type { Me, Reply, Sort } from '../../shared/views.js';
import { startLive } from '../../widget/live.js';
import { Emitter } from '../../widget/net/emitter.js';
import { Guest } from '../../widget/net/guest.js';
import type { Line, LineEvents } from '../../widget/net/transport.js';
import { Identity } from '../../widget/state/identity.js';
import { BOUNDS, Reach } from '../../widget/state/reach.js';
import { SafeStorage, scopeOf, type Backing } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
import type { LiveThread } from '../../widget/state/types.js';
import { VirtualClock } from '../sim/clock.js';
import { Random } from '../sim/random.js';
import { makeReply, makeSnapshot } from './replies.js';
import { errorOf } from './sync-desk.js';

const SERVER = 'https://talk.example';
export const ANA: Me = { id: 'ana', name: 'Ana', badge: 'guest' };

export const fails = (code: ErrorCode, more: Partial<ErrorBody> = {}): Answer<never> => ({
  ok: false,
  error: errorOf(code, more),
});
export const ok = <T>(data: T): Answer<T> => ({ ok: true, data });

/** Answers each request by a function that the test may replace, and notes it. */
export class AnsweringLine implements Line {
  readonly events = new Emitter<LineEvents>();
  readonly asked: [name: string, payload: Record<string, unknown>][] = [];
  readonly left: string[] = [];
  readonly typed: (string | null)[] = [];
  connected = false;
  isSlow = false;
  refusal: ErrorBody | null = null;
  token: string | null = null;
  retryAt = 0;
  holders = 0;
  restarts = 0;
  answers: Record<string, (payload: never) => Answer<unknown> | null> = {
    'thread:join': (): Answer<JoinAnswer> => {
      const you = { me: this.token === null ? null : ANA, can: { write: false, vote: false }, votes: {} };
      return ok({ mode: 'snapshot', ...makeSnapshot([makeReply('a', { author: ANA })], { seq: 1 }), you });
    },
    'me:guest': ({ name }: { name: string }) => ok({ token: `token of ${name}`, me: { ...ANA, name } }),
    'reply:create': ({ id, parent }: Reply) => ok({ reply: makeReply(id, { parent, born: 2, author: ANA }) }),
  };

  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void {
    return this.events.on(name, listener);
  }
  async request(name: string, payload: unknown): Promise<never> {
    this.asked.push([name, payload as Record<string, unknown>]);
    return (this.connected ? (this.answers[name]?.(payload as never) ?? null) : null) as never;
  }
  enter(thread: string): () => void {
    return () => this.left.push(thread);
  }
  hold(): () => void {
    this.holders++;
    return () => this.holders--;
  }
  speaksFor(token: string, me: Me): void {
    this.token = token;
    this.events.emit('me', me);
  }
  tellTyping(_thread: string, parent: string | null): void {
    this.typed.push(parent);
  }
  restart(): void {
    this.restarts++;
  }
  up(): void {
    this.connected = true;
    this.events.emit('up', null);
  }
  names(from = 1): string[] {
    return this.asked.slice(from).map(([name]) => name);
  }
}

/** A page with one discussion, which can be loaded again. */
export class LiveDesk {
  readonly clock = new VirtualClock(new Random(1));
  readonly keep: SafeStorage;
  readonly identity: Identity;
  line!: AnsweringLine;
  state!: ThreadState;
  live!: LiveThread;

  readonly #sort: Sort;
  readonly #bounds: typeof BOUNDS;

  /** `backing`: the browser's storage; null: it has none. `bounds`: of what is fetched after a long gap. */
  constructor(
    backing: Backing | null = null,
    { sort = 'oldest', bounds = {} }: { sort?: Sort; bounds?: Partial<typeof BOUNDS> } = {},
  ) {
    this.#sort = sort;
    this.#bounds = { ...BOUNDS, ...bounds };
    this.keep = new SafeStorage(() => backing);
    this.identity = new Identity(this.keep, scopeOf(SERVER, 'site'));
    this.open();
  }

  open(): void {
    const line = new AnsweringLine();
    const guest = new Guest(line, this.identity);
    const { keep, clock } = this;
    this.line = line;
    this.state = new ThreadState(this.#sort);
    const connections = { keep, clock, line: () => ({ line, guest }) };
    const bounds = this.#bounds;
    const reaching = async () => ({
      Reach: class extends Reach {
        constructor(...[state, over, time]: ConstructorParameters<typeof Reach>) {
          super(state, over, time, bounds);
        }
      },
    });
    const question = { server: SERVER, site: 'site', key: 'article', title: 'Title' };
    this.live = startLive({ ...question, state: this.state, connections, reaching });
  }

  reload(): void {
    this.live.stop();
    this.open();
  }

  async goLive(): Promise<void> {
    this.line.up();
    await this.clock.pass(0);
  }

  /** The roots: ids, or text and state of those on their way. */
  get shown(): string[] {
    const { roots } = this.state.tree();
    return roots.map(({ reply, pending }) => (pending ? `${pending.body} ${pending.state}` : reply.id));
  }
}
