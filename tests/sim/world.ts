// A whole installation in one process under one seed: a database, nodes, readers, bad lines, and things that happen to
// them. `run` lets them happen, then heals everything and judges what is left.
import { LocalLine } from '../../server/bus/local.js';
import type { Tokens } from '../../server/accounts/tokens.js';
import { rank } from '../../server/threads/rank.js';
import { render, RENDERER } from '../../server/threads/render.js';
import { AppError } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import type { Snapshot, Sort } from '../../shared/views.js';
import { SafeStorage } from '../../widget/state/storage.js';
import { MemoryStore } from '../support/memory-store/store.js';
import { VirtualClock } from './clock.js';
import type { StoreFaults } from './flaky-store.js';
import { History } from './history.js';
import type { LineFaults } from './line.js';
import { SimNode } from './node.js';
import { Random } from './random.js';
import { Reader } from './reader.js';
import { STANDARD_RULES } from '../../server/sites/rules.js';

export const SITE = 'sim';
export const KEY = 'https://example.com/article';
const SORTS: readonly Sort[] = ['oldest', 'newest', 'best'];

/** What happens beside: readers choose, take away, bring back and look for; or they count in place of reading along. */
export type Beside = 'choosing' | 'counting';

export interface Kind {
  beside?: Beside;
  /** Readers have read several pages, and what they miss is too much to be told (CUR10). */
  far?: boolean;
}

export class World {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly history: History;
  readonly faults: string[] = [];
  readonly readers: Reader[] = [];
  readonly acknowledged = new Set<string>();
  /** Every text that a reader has posted; each is one of a kind. */
  readonly posted: string[] = [];
  readonly takenBack = new Set<string>();
  readonly lineFaults: LineFaults;
  readonly storeFaults: StoreFaults;
  readonly nodes: SimNode[] = [];
  /** What a CDN may still hand out. */
  readonly cached: Snapshot[] = [];
  readonly sort: Sort;
  hintLoss: number;
  threadId = '';
  /** Whether it is about what readers choose, beside what they write. */
  readonly choosing: boolean;
  readonly counting: boolean;
  readonly far: boolean;
  readonly gapMax: number;
  /** Replies that their authors took away; they may bring them back. */
  readonly takenAway = new Set<string>();
  readonly #bus = new LocalLine();
  readonly #tokens: Tokens;
  #nodesMade = 0;

  constructor(seed: number, { beside, far = false }: Kind = {}) {
    this.far = far;
    this.choosing = beside === 'choosing';
    this.counting = beside === 'counting';
    this.history = new History(this.choosing);
    const random = new Random(seed);
    this.random = random;
    this.clock = new VirtualClock(random);
    const isBad = random.chance(0.8);
    this.lineFaults = {
      drop: isBad ? random.next() * 0.15 : 0,
      double: isBad ? random.next() * 0.15 : 0,
      delayMs: 1 + random.below(isBad ? 600 : 100),
      reorders: random.chance(0.5),
    };
    this.storeFaults = {
      delayMs: random.below(80),
      failing: random.chance(0.3) ? random.next() * 0.08 : 0,
      catchUpRows: random.chance(0.3) ? 1 + random.below(6) : Infinity,
    };
    this.sort = random.chance(0.6) ? 'oldest' : random.pick(SORTS)!;
    this.hintLoss = random.chance(0.5) ? random.next() : 0;
    this.gapMax = far ? random.below(12) : Infinity;
    this.#tokens = tokensInMemory();
    this.store = new MemoryStore(this.clock.now, (change) => {
      this.history.record(change, this.store.changedSince(change.thread.id, change.from));
    });
    this.store.sites.set(SITE, { id: SITE, name: 'The Sim', ownerName: null, origins: [], rules: STANDARD_RULES });
  }

  /** The thread with some replies, the nodes, and the readers with the page open. */
  async begin(): Promise<void> {
    const { random } = this;
    const thread = { id: newId(), epoch: newId(), siteId: SITE, key: KEY, url: null, title: null };
    this.threadId = (await this.store.openThread(thread)).id;
    await this.#fill(
      this.far ? 60 + random.below(140) : random.chance(0.7) ? random.below(random.chance(0.3) ? 160 : 60) : 0,
    );
    for (let i = random.chance(0.6) ? 2 : 1; i > 0; i--) this.startNode();
    const browsers = 2 + random.below(2);
    for (let i = 0; i < browsers; i++) {
      const keep = new SafeStorage(() => null);
      const tabs = random.chance(0.25) ? 2 : 1;
      for (let tab = 0; tab < tabs; tab++) this.#addReader(`Reader ${i}.${tab}`, keep);
    }
  }

  async #fill(count: number): Promise<void> {
    const author = { id: newId(), siteId: SITE, name: 'Early Bird', badge: 'guest' as const };
    await this.store.putAuthor(author);
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const parentId = this.random.chance(0.5) ? (this.random.pick(ids) ?? null) : null;
      const body = `early ${i}.`;
      const reply = { id: newId(), parentId, author, body, html: render(body), renderer: RENDERER };
      await this.store.createReplies(this.threadId, [reply]);
      if (this.random.chance(0.3)) await this.store.choose(reply.id, [{ authorId: author.id, value: 1 }], rank);
      if (this.random.chance(0.1)) await this.store.removeReply(reply.id, 60);
      else ids.push(reply.id);
    }
  }

  startNode(): void {
    const { store, storeFaults, clock, random, hintLoss, gapMax } = this;
    const name = `node ${this.#nodesMade++}`;
    const options = { name, store, storeFaults, clock, random, hintLoss, gapMax, bus: this.#bus, tokens: this.#tokens };
    this.nodes.push(new SimNode(options));
  }

  /** Takes it out of service, as `how` says. */
  endNode(how: 'crash' | 'crash silently' | 'drain'): void {
    const node = this.random.pick(this.nodes);
    if (!node) return;
    this.nodes.splice(this.nodes.indexOf(node), 1);
    if (how === 'drain') node.drain(this.random);
    else node.crash(how === 'crash silently');
  }

  #addReader(name: string, keep: SafeStorage): void {
    const reader = new Reader({
      name,
      keep,
      sort: this.sort,
      site: SITE,
      key: KEY,
      clock: this.clock,
      random: this.random,
      history: this.history,
      chooses: this.choosing,
      counts: this.counting,
      far: this.far,
      faults: this.lineFaults,
      node: () => this.random.pick(this.nodes) ?? null,
      acknowledged: (id) => this.acknowledged.add(id),
      fault: (what) => this.faults.push(what),
    });
    this.readers.push(reader);
    reader.open(this.firstPaint());
  }

  /** What HTTP answers: now, some time ago, or nothing. */
  firstPaint(): Snapshot | null {
    return this.random.chance(0.7) ? (this.random.pick(this.cached) ?? null) : null;
  }

  async snapshot(): Promise<Snapshot | undefined> {
    return await this.random.pick(this.nodes)?.firstPage(SITE, KEY, this.sort);
  }

  /** Keeps a snapshot of now for later first paints. */
  async cache(): Promise<void> {
    const snapshot = await this.snapshot().catch(() => null);
    if (snapshot) this.cached.push(JSON.parse(JSON.stringify(snapshot)) as Snapshot);
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    Object.assign(this.lineFaults, { drop: 0, double: 0, delayMs: 50, reorders: false });
    Object.assign(this.storeFaults, { delayMs: 5, failing: 0, catchUpRows: Infinity });
    if (this.nodes.length === 0) this.startNode();
  }

  end(): void {
    for (const reader of this.readers) reader.close();
    for (const node of this.nodes) node.stop();
  }
}

/** Tokens that need no cryptography, which would run outside of the virtual time. */
function tokensInMemory(): Tokens {
  const authors = new Map<string, string>();
  return {
    issueGuest: async ({ author }) => {
      const token = `token ${authors.size}`;
      authors.set(token, author);
      return token;
    },
    verify: async (token) => {
      const author = authors.get(token);
      if (author === undefined) throw new AppError('token_invalid');
      return { author, renew: false };
    },
  };
}
