// One tab of one reader's browser: the widget's own state, sync, outbox and guest over a simulated line.
import type { Held } from '../../shared/held.js';
import { NIL_ID } from '../../shared/ids.js';
import { LANES } from '../../shared/protocol.js';
import type { Reply, Snapshot, Sort } from '../../shared/views.js';
import { startLive } from '../../widget/live.js';
import { Guest } from '../../widget/net/guest.js';
import { Identity } from '../../widget/state/identity.js';
import { BOUNDS, Reach, type Reached, type ReachLine } from '../../widget/state/reach.js';
import { Rest } from '../../widget/state/rest.js';
import { scopeOf, type Keep } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
import { buildTree } from '../../widget/state/tree.js';
import type { LiveThread, Node } from '../../widget/state/types.js';
import { Chooser, type Wished } from './chooser.js';
import type { VirtualClock } from './clock.js';
import type { History } from './history.js';
import { SimLine, type LineOptions } from './line.js';

const SERVER = 'https://talk.example';

export interface ReaderOptions extends Omit<LineOptions, 'identity'> {
  name: string;
  /** The browser's storage: tabs of one browser share it. */
  keep: Keep;
  key: string;
  sort: Sort;
  clock: VirtualClock;
  history: History;
  /** Whether it votes and reacts as the widget does. */
  chooses: boolean;
  /** Whether it counts what it will not read at once, and more than now and then. */
  counts: boolean;
  /** Whether it has read far, and misses much. */
  far: boolean;
  /** Tells of something that must never be. */
  fault(what: string): void;
}

export class Reader {
  readonly options: ReaderOptions;
  state!: ThreadState;
  line!: SimLine;
  live!: LiveThread;
  chooser: Chooser | null = null;
  readonly wished: Wished = { last: new Map(), refused: new Set() };
  #unsubscribe: () => void = () => {};
  #wasReady = false;
  #isPaused = false;
  #before: Held | null = null;
  /** What was looked for, and no page brought. */
  #found = new Set<string>();
  /** Nothing kept what is in sight from being fetched after the snapshot that is going to be taken. */
  #isWhole = false;
  stayed = 0;

  constructor(options: ReaderOptions) {
    this.options = options;
  }

  /** Opens the page; with a snapshot where the first paint came over HTTP. */
  open(snapshot: Snapshot | null): void {
    const { keep, clock, site, key, name, sort } = this.options;
    const identity = new Identity(keep, scopeOf(SERVER, site));
    this.line = new SimLine({ ...this.options, identity });
    const guest = new Guest(this.line, identity);
    this.state = new ThreadState(sort);
    this.#wasReady = false;
    this.#isPaused = false;
    this.#before = null;
    this.#found = new Set();
    this.#unsubscribe = this.state.subscribe(() => this.#check());
    if (snapshot) this.state.loaded(snapshot);
    const connections = { keep, clock, line: () => ({ line: this.line, guest }) };
    const { state } = this;
    this.live = startLive({
      server: SERVER,
      site,
      key,
      state,
      connections,
      reaching: async () => ({ Reach: this.#noting() }),
    });
    this.#watchPlace();
    const { random } = this.options;
    const { chooses, counts } = this.options;
    if (counts || random.chance(0.5))
      this.live.feed.rest = new Rest(this.state, this.live.feed, this.live, random.below(8));
    // CUR8: some save data; another time they don't.
    this.live.setLane(this.options.random.chance(0.25) ? 'slow' : undefined);
    if (!this.live.name) this.live.setName(name);
    if (counts) this.count();
    if (chooses) this.chooser = new Chooser(this.state, this.live, this.wished);
  }

  /** Leaves the page, and opens it again. */
  reload(snapshot: Snapshot | null): void {
    this.close();
    this.open(snapshot);
  }

  close(): void {
    this.live.stop();
    this.chooser?.stop();
    this.#unsubscribe();
  }

  /** What was counted instead of held, as the button does; `first`: the first page of now. */
  openRest(first: () => Promise<Snapshot | undefined>): void {
    const { rest } = this.live.feed;
    this.setPaused(false);
    if (!rest || rest.until === Infinity) return;
    if (this.state.sort === 'oldest') return rest.open();
    void first().then(
      (snapshot) => {
        if (snapshot) rest.restart(JSON.parse(JSON.stringify(snapshot)) as Snapshot);
      },
      () => {},
    );
  }

  /** As `elements/tools/places.ts` does: what was found stands in the tree, though no page brought it. */
  async find(id: string): Promise<void> {
    const { live, state } = this;
    const answer = await live.read('thread:locate', { id, sort: state.sort });
    if (!answer.ok || this.live !== live) return;
    for (const reply of answer.data.replies) this.#found.add(reply.id);
    state.reveal([id]);
    state.change({
      shape: (facts) => {
        const known = [...this.#found].filter((found) => facts.held.rows.has(found));
        return buildTree({ ...facts, held: { ...facts.held, paged: new Set([...facts.held.paged, ...known]) } });
      },
    });
  }

  /** Notes what came in the way of it. */
  #noting(): typeof Reach {
    const { random, far } = this.options;
    // A thread is too short here for what is far, and for what is too much.
    const some = (): Partial<typeof BOUNDS> => ({
      requests: 2 + random.below(30),
      between: random.below(40),
      news: random.below(40),
    });
    const bounds = { ...BOUNDS, ...(far && random.chance(0.5) && some()) };
    const begin = (): void => {
      this.#isWhole = true;
    };
    const note = (isAnswered: boolean): void => {
      this.#isWhole &&= isAnswered;
    };
    return class extends Reach {
      readonly #clock: VirtualClock;
      #requests = 0;

      constructor(state: ThreadState, line: ReachLine, clock: VirtualClock) {
        super(
          state,
          {
            get connected() {
              return line.connected;
            },
            restart: () => line.restart(),
            request: async (name, payload) => {
              const got = await line.request(name, payload);
              note(++this.#requests < bounds.requests && !!got?.ok);
              return got;
            },
          },
          clock,
          bounds,
        );
        this.#clock = clock;
      }

      override async reach(answer: Parameters<Reach['reach']>[0]): Promise<Reached> {
        begin();
        this.#requests = 0;
        const began = this.#clock.now();
        const reached = await super.reach(answer);
        note(this.#clock.now() - began < bounds.ms);
        return reached;
      }
    };
  }

  /** CUR10: a snapshot takes nothing out of sight that still stands there. */
  #watchPlace(): void {
    const { feed } = this.live;
    const { state, options } = this;
    const joined = feed.joined.bind(feed);
    feed.joined = (answer) => {
      const before = new Set(nodesOf(state).flatMap(({ pending, reply }) => (pending ? [] : [reply.id])));
      const isSnapshot = answer.mode === 'snapshot' && before.size > 0;
      joined(answer);
      if (!isSnapshot || !answer.reached || this.#isPaused) return;
      const first = new Set(answer.replies.map(({ id }) => id));
      const now = new Set(nodesOf(state).map(({ reply }) => reply.id));
      const isGone = (id: string): boolean => {
        const { state: is, replies } = state.get(id) ?? {};
        if (is) return is === 'removed' && !replies;
        // What was just acknowledged in an epoch that is over comes with the next delta.
        return (options.history.rows.get(id)?.born ?? Infinity) > answer.cursor.seq;
      };
      const lost = [...before].filter((id) => !now.has(id) && !isGone(id));
      if (lost.length > 0 && this.#isWhole)
        options.fault(`${options.name}: ${lost.join()} is out of sight after a snapshot`);
      if (lost.length === 0 && [...before].some((id) => !first.has(id))) this.stayed++;
    };
  }

  /** CUR9: there is more than one can read; another time there is not. */
  count(): void {
    this.live.setLane(this.options.random.chance(0.5) ? 'digest' : undefined);
  }

  /** PAGE14: what is shown stays as it is; another time it does not. */
  pause(): void {
    this.setPaused(this.options.random.chance(0.5));
  }

  setPaused(isPaused: boolean): void {
    this.live.feed.setPaused(isPaused);
    this.#isPaused = isPaused;
  }

  /** CUR7: another tab joins over this one's line, and hears the thread in another way. */
  share(): void {
    void this.line.request('thread:join', { key: this.options.key, lane: this.options.random.pick(LANES)! });
  }

  async more(parent: string | null): Promise<void> {
    if (!(await this.live.feed.rest?.more(parent))) await this.live.more(parent);
  }

  /** After every change: it fits to what was, and the page never blanks. */
  #check(): void {
    const { history, fault, name } = this.options;
    const { held, phase } = this.state;
    // A paused page shows what was held then; what was left out of it is not known any more.
    const until = this.#isPaused ? held?.since : this.live?.feed.rest?.until;
    const wrong = held && held.thread.id !== NIL_ID && history.faultOf(held, until);
    if (wrong) fault(`${name}: ${wrong}`);
    for (const row of lostAhead(this.#before, held)) fault(`${name}: reply ${row.id} was shown, and is gone`);
    this.#before = held;
    if (this.#wasReady && (phase.is !== 'ready' || !held)) fault(`${name}: the page went blank (${phase.is})`);
    this.#wasReady ||= phase.is === 'ready';
  }

  /** Every own reply on its way is in sight, once, and none that has arrived waits behind the pill. */
  checkOwn(): void {
    const { fault, name } = this.options;
    const shown = nodesOf(this.state).filter(({ pending }) => pending);
    for (const { id } of this.state.pending) {
      const times = shown.filter(({ reply }) => reply.id === id).length;
      const expected = this.state.get(id) ? 0 : 1;
      if (this.state.held && times !== expected) fault(`${name}: the waiting reply ${id} is shown ${times} times`);
    }
    const me = this.state.you?.me?.id;
    for (const id of this.state.tree().held) {
      if (me !== undefined && this.state.get(id)!.author.id === me) fault(`${name}: the own reply ${id} is held back`);
    }
  }

  get isSettled(): boolean {
    return this.state.status === 'live' && this.state.pending.every(({ state }) => state === 'failed');
  }
}

/** Rows that are ahead of the cursor (just acknowledged) were shown: no older answer takes them away again. */
function lostAhead(before: Held | null, after: Held | null): Reply[] {
  if (!before || before === after || before.cursor.epoch !== after?.cursor.epoch) return [];
  return [...before.rows.values()].filter((row) => row.seq > after.cursor.seq && !after.rows.has(row.id));
}

/** All nodes of the tree, top to bottom. */
export function nodesOf(state: ThreadState): Node[] {
  const flat = (nodes: readonly Node[]): Node[] => nodes.flatMap((node) => [node, ...flat(node.children)]);
  return flat(state.tree().roots);
}
