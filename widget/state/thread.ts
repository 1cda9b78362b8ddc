// What is known of one discussion and how it is to be read: the part that stands before the first reply can be read.
// Knows no socket and no DOM. How live answers change it is `feed.ts`, which comes with the second download.
import { fromSnapshot, type Held } from '../../shared/held.js';
import type { Reply, Rules, Snapshot, Sort, Thread, You } from '../../shared/views.js';
import { buildTree, type Facts } from './tree.js';
import type { OutboxEntry, Phase, Status, ThreadView, Tree } from './types.js';

/** What may be replaced from outside, in one step. */
export type Change = Partial<
  Pick<
    ThreadState,
    | 'phase'
    | 'status'
    | 'offlineSince'
    | 'held'
    | 'you'
    | 'rules'
    | 'kept'
    | 'sort'
    | 'pending'
    | 'drafts'
    | 'extra'
    | 'back'
    | 'fresh'
    | 'shape'
  >
>;

const NO_TREE: Tree = { roots: [], held: [], hidden: 0 };

/** Every value is replaced, never changed in place: `change` is the only way, and tells the listeners once. */
export class ThreadState implements ThreadView {
  phase: Phase = { is: 'loading' };
  status: Status = 'connecting';
  offlineSince: number | null = null;
  held: Held | null = null;
  you: You | null = null;
  /** What the site's owner has decided, where the server that was joined last knows of it. */
  declare rules?: Rules | undefined;
  /** Replies that stay though they were removed: they may come back, or somebody is answering them. */
  declare kept?: ReadonlySet<string>;
  sort: Sort;
  /** Own replies on their way, and how they look. */
  pending: readonly OutboxEntry[] = [];
  drafts: readonly Reply[] = [];
  /** Replies that are shown but not in the thread's own count yet. */
  extra = 0;
  /** Replies in the thread's own count that are left out of what is held: too many arrived (`rest.ts`). */
  apart = 0;
  /** Arrivals that wait behind the pill, and arrivals that were not seen yet. */
  back: ReadonlySet<string> = new Set();
  fresh: ReadonlySet<string> = new Set();
  /** How the tree is made of what is held: all of it, or a branch alone. */
  shape: (facts: Facts) => Tree = buildTree;
  #tree: Tree | null = null;
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(sort: Sort = 'oldest') {
    this.sort = sort;
  }

  get thread(): Thread | null {
    return this.held && this.held.thread;
  }

  get count(): number {
    return this.held ? this.held.thread.count + this.extra : 0;
  }

  tree(): Tree {
    const { held } = this;
    return (this.#tree ??= held ? this.shape(this as ThreadState & { held: Held }) : NO_TREE);
  }

  get(id: string): Reply | undefined {
    return this.held?.rows.get(id);
  }

  /** Revealing a reply reveals what it answers. */
  reveal(ids: readonly string[] = [...this.back]): void {
    const back = new Set(this.back);
    for (let id of ids) for (; id; id = this.get(id)?.parent ?? '') back.delete(id);
    this.change({ back });
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first paint: everything in the snapshot is shown. */
  loaded(snapshot: Snapshot): void {
    this.change({ held: fromSnapshot(snapshot), phase: { is: 'ready' }, back: new Set(), fresh: new Set() });
  }

  change(change: Change): void {
    Object.assign(this, change);
    this.#tree = null;
    for (const listener of this.#listeners) listener(change);
  }
}
