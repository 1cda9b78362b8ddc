// One tab of one reader's browser: the widget's own state, sync, outbox and guest over a simulated line.
import type { Held } from '../../shared/held.js';
import { NIL_ID } from '../../shared/ids.js';
import { LANES } from '../../shared/protocol.js';
import type { Reply, Snapshot, Sort } from '../../shared/views.js';
import { startLive } from '../../widget/live.js';
import { Guest } from '../../widget/net/guest.js';
import { Identity } from '../../widget/state/identity.js';
import { Rest } from '../../widget/state/rest.js';
import { scopeOf, type Keep } from '../../widget/state/storage.js';
import { ThreadState } from '../../widget/state/thread.js';
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
    this.#unsubscribe = this.state.subscribe(() => this.#check());
    if (snapshot) this.state.loaded(snapshot);
    const connections = { keep, clock, line: () => ({ line: this.line, guest }) };
    this.live = startLive({ server: SERVER, site, key, state: this.state, connections });
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
