// The writing half of a discussion, and what keeps it level with the server: joins sync, outbox, drafts and guest to one
// `ThreadState`. Part of the second download. Owns no element and no socket of its own.
import { ROOTS } from '../shared/held.js';
import { PAGE_DEFAULT, PAGE_MAX } from '../shared/limits.js';
import type { Answer, DataOf, Lane, RequestName, RequestOf } from '../shared/protocol.js';
import { once } from './once.js';
import type { Timer } from './state/clock.js';
import { Backoff } from './net/backoff.js';
import type { Guest } from './net/guest.js';
import type { Reach } from './state/reach.js';
import { NO_ANSWER, reactionTo } from './state/reactions.js';
import { Sync } from './net/sync.js';
import type { Line, Lines } from './net/transport.js';
import { Drafts } from './state/drafts.js';
import { Feed } from './state/feed.js';
import { Outbox } from './state/outbox.js';
import { scopeOf } from './state/storage.js';
import type { ThreadState } from './state/thread.js';
import type { ChangeName, LiveThread, OutboxEntry, Outcome, Presence, ReadName, Status } from './state/types.js';

/** A discussion that is not looked at for this long leaves the line: switching tabs for a moment costs nothing. */
const GRACE_MS = 30_000;
const TYPING_EVERY_MS = 3_000;

export interface LiveOptions {
  /** The server's address without a slash at its end. */
  server: string;
  site: string;
  key: string;
  url?: string | undefined;
  title?: string | undefined;
  state: ThreadState;
  connections: Lines;
  /** How the part is loaded that goes on reading after a long gap. */
  reaching?: () => Promise<{ Reach: typeof Reach }>;
}

/** Begins to follow and to send; everything it started ends with `stop`. */
export function startLive(options: LiveOptions): LiveThread {
  return new Live(options);
}

class Live implements LiveThread {
  readonly desk: LiveThread['desk'];
  readonly #state: ThreadState;
  readonly #lines: Lines;
  readonly line: Line;
  readonly #guest: Guest;
  readonly #feed: Feed;
  readonly #sync: Sync;
  readonly #reach: () => Promise<Reach | undefined>;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly #pages = new Map<string, Promise<Outcome<unknown>>>();
  readonly #unlisten: (() => void)[];
  presence: Presence = { readers: 0, typing: [] };
  #release: (() => void) | null = null;
  #grace: Timer | null = null;
  #typedAt = -Infinity;
  #lane: Lane | undefined;

  constructor(options: LiveOptions) {
    const { server, site, key, url, title, state, connections } = options;
    const { reaching = () => import('./state/reach.js') } = options;
    const scope = scopeOf(server, site, key);
    const { keep, clock } = connections;
    this.#state = state;
    this.desk = { keep, clock, scope };
    this.#lines = connections;
    ({ line: this.line, guest: this.#guest } = connections.line(server, site));
    this.#feed = new Feed(state);
    this.drafts = new Drafts(keep, scope, clock.now);
    this.outbox = new Outbox({
      keep,
      scope,
      clock,
      backoff: new Backoff(clock),
      send: (entry) => this.#create(entry),
      identify: () => this.#guest.forget(),
      changed: () => this.#showPending(),
    });
    this.#reach = once(reaching, (part) => new part.Reach(state, this.line, clock));
    const feed = this.#feed;
    this.#sync = new Sync({
      transport: this.line,
      clock,
      question: () => ({
        key,
        sort: state.sort,
        lane: this.#lane,
        url,
        title: title || undefined,
        // A snapshot in answer should not fold up what was read; two sizes, so that many ask the same question.
        ...(state.tree().roots.length > PAGE_DEFAULT && { limit: PAGE_MAX }),
      }),
      target: {
        get cursor() {
          return feed.cursor;
        },
        reach: async (answer) =>
          answer.mode === 'snapshot' && state.held?.rows.size
            ? ((await this.#reach())?.reach(answer) ?? answer)
            : answer,
        joined: (answer) => {
          feed.joined(answer);
          this.#guest.renew(answer.you);
          this.#confirm();
        },
        delta: (delta) => {
          feed.delta(delta);
          this.#confirm();
        },
        status: (status) => this.#show(status),
        refused: (error) =>
          state.change({ phase: { is: 'refused', error }, status: 'offline', offlineSince: clock.now() }),
      },
    });
    this.#unlisten = [
      this.line.on('me', (me) => {
        feed.me(me);
        this.#showPending();
      }),
      this.line.on('thread:beat', ({ thread, readers, typing }) => {
        const now = { readers, typing };
        if (thread !== state.thread?.id || JSON.stringify(now) === JSON.stringify(this.presence)) return;
        this.presence = now;
        state.change({});
      }),
    ];
    this.#showPending();
    this.#release = this.line.hold();
    this.#sync.start();
  }

  post(reply: Parameters<LiveThread['post']>[0]): string {
    // First, so that a storage that takes no more has room for it.
    this.drafts.set(reply.parent, '');
    return this.outbox.add(reply);
  }

  async read<N extends ReadName>(name: N, payload: Omit<RequestOf<N>, 'thread'>): Promise<Outcome<DataOf<N>>> {
    const { thread } = this.#state;
    const epoch = this.#feed.cursor?.epoch;
    const question = { thread: thread?.id, ...payload } as unknown as RequestOf<N>;
    const answer = thread && (await this.line.request(name, question));
    if (answer?.ok && 'replies' in answer.data) this.#feed.located(answer.data, epoch);
    return answer ?? { ok: false, error: NO_ANSWER };
  }

  more(parent: string | null): Promise<Outcome<unknown>> {
    // After a long gap the server may be another one, that has other parts.
    void this.#reach();
    const key = parent ?? ROOTS;
    let page = this.#pages.get(key);
    if (!page) {
      page = this.#page(parent).finally(() => this.#pages.delete(key));
      this.#pages.set(key, page);
    }
    return page;
  }

  get name(): string {
    return this.#guest.name;
  }

  setName(name: string): void {
    const before = this.name;
    this.#guest.setName(name);
    if (this.name && this.name !== before) this.outbox.renamed();
    this.#showPending();
  }

  typing(parent: string | null): void {
    const { thread } = this.#state;
    const now = this.#lines.clock.now();
    if (!thread || !this.#sync.isLive || now - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = now;
    this.line.tellTyping(thread.id, parent);
  }

  get isSlow(): boolean {
    return this.line.isSlow;
  }

  setLane(lane?: Lane): void {
    if (lane === this.#lane) return;
    this.#lane = lane;
    this.#sync.again();
  }

  get feed(): Feed {
    return this.#feed;
  }

  setVisible(visible: boolean): void {
    const { clock } = this.#lines;
    clock.clearTimeout(this.#grace);
    this.#grace = visible ? null : clock.setTimeout(() => this.#rest(), GRACE_MS);
    if (!visible || this.#release) return;
    this.#release = this.line.hold();
    this.#sync.resume();
  }

  stop(): void {
    this.#lines.clock.clearTimeout(this.#grace);
    for (const off of this.#unlisten) off();
    this.outbox.stop();
    this.#sync.stop();
    this.#release?.();
    this.#release = null;
  }

  /** Nobody looks: leaves the line, but not before what was written is sent. */
  #rest(): void {
    this.#grace = null;
    if (this.outbox.isBusy) {
      this.setVisible(false);
      return;
    }
    this.#sync.pause();
    this.#release?.();
    this.#release = null;
  }

  #show(status: Status): void {
    const { offlineSince } = this.#state;
    const since = status === 'offline' ? (offlineSince ?? this.#lines.clock.now()) : null;
    this.#state.change({ status, offlineSince: since });
    if (status === 'live') this.outbox.open();
    else this.outbox.hold();
  }

  #showPending(): void {
    const { you } = this.#state;
    this.#feed.pending(this.outbox.entries, you?.me ?? { id: '', name: this.name, badge: 'guest' });
  }

  #confirm(): void {
    this.outbox.confirm((id) => this.#state.get(id) !== undefined);
  }

  async #create({ id, parent, body, answers, mentions }: OutboxEntry): Promise<Answer<unknown> | null> {
    const spoken = await this.#guest.speak();
    const { thread } = this.#state;
    if (!spoken?.ok || !thread) return spoken?.ok ? null : spoken;
    const epoch = this.#feed.cursor?.epoch;
    const answer = await this.line.request('reply:create', { thread: thread.id, id, parent, body, answers, mentions });
    if (!answer) return null;
    // What stands under this id came from this outbox, if under an earlier token: it has arrived.
    const reply = answer.ok ? answer.data.reply : answer.error.current;
    if (reply?.id !== id) return answer;
    this.#feed.row(reply, epoch);
    return { ok: true, data: null };
  }

  async change<N extends ChangeName>(name: N, payload: RequestOf<N>): Promise<Outcome<DataOf<N>>> {
    const epoch = this.#feed.cursor?.epoch;
    const outcome = await this.ask(name, payload);
    const reply = outcome.ok ? outcome.data.reply : outcome.error.current;
    if (reply) this.#feed.row(reply, epoch);
    return outcome;
  }

  async ask<N extends RequestName>(name: N, payload: RequestOf<N>, isAgain = false): Promise<Outcome<DataOf<N>>> {
    const spoken = await this.#guest.speak();
    if (!spoken) return { ok: false, error: NO_ANSWER };
    if (!spoken.ok) return spoken;
    const answer = await this.line.request(name, payload);
    if (!answer) return { ok: false, error: NO_ANSWER };
    if (answer.ok || isAgain || reactionTo(answer.error) !== 'identify') return answer;
    this.#guest.forget();
    return this.ask(name, payload, true);
  }

  /** `all`: whatever is cut. */
  async #page(parent: string | null, all = false): Promise<Outcome<unknown>> {
    const { held, sort } = this.#state;
    const level = held?.levels.get(parent ?? ROOTS);
    if (!held || !level) return { ok: true, data: null };
    // The only list that is cut, and little is inside: what is cut when its page is there is inside, too.
    all ||= !!parent && held.levels.size === 1 && level.count + this.#state.tree().hidden <= PAGE_DEFAULT;
    const after = level.after || undefined;
    const answer = await this.line.request('thread:page', { thread: held.thread.id, parent, sort, after });
    if (!answer?.ok) return answer ?? { ok: false, error: NO_ANSWER };
    this.#feed.page(parent, level, answer.data);
    const [next] = this.#state.held!.levels.keys();
    return all && next ? this.#page(next, all) : answer;
  }
}
