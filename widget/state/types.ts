// What the elements know of a discussion and what they may ask of it. Types only: the reading half is
// `state/thread.ts` (part of the first download), the writing half is `live.ts` (loaded after the first paint).
import type { ErrorBody } from '../../shared/errors.js';
import type { DataOf, Lane, RequestName, RequestOf } from '../../shared/protocol.js';
import type { Reply, Rules, Sort, Thread, You } from '../../shared/views.js';
import type { Clock } from './clock.js';
import type { Drafts } from './drafts.js';
import type { Feed } from './feed.js';
import type { Outbox } from './outbox.js';
import type { Keep } from './storage.js';

/** PAGE4: the element's `status` attribute. */
export type Status = 'connecting' | 'live' | 'catching-up' | 'offline';

/** What stands where the list stands. `refused` can't get better by waiting; `broken` may, and offers to try again. */
export type Phase = { is: 'loading' } | { is: 'ready' } | { is: 'refused'; error: ErrorBody } | { is: 'broken' };

/** One reply of this reader on its way. `failed` keeps the text; the reader sends it again or takes it back. */
export interface OutboxEntry {
  id: string;
  parent: string | null;
  body: string;
  /** As in the request that sends it. */
  answers?: number | undefined;
  mentions?: string[] | undefined;
  /** Unix time in milliseconds. */
  createdAt: number;
  state: 'waiting' | 'sending' | 'failed';
  /** Why it failed, or why it has to wait though there is a line. */
  error?: ErrorBody;
}

/** One reply where it stands on screen. */
export interface Node {
  reply: Reply;
  /** Set while it is only in this reader's outbox: `reply` is then made up from it, `html` being '' (show `body` as text). */
  pending?: OutboxEntry;
  /** Arrived live after the first paint and was not yet seen (tinted for two seconds). */
  fresh: boolean;
  children: Node[];
  more?: More | undefined;
}

/** The button for siblings that are not loaded: how many there are, and behind how many of the others it stands. */
export interface More {
  count: number;
  after: number;
}

/** The list as it is to be drawn, top to bottom. */
export interface Tree {
  roots: Node[];
  more?: More | undefined;
  /** Replies below those that can be fetched. Infinity: there are some, and more than one list is cut; nobody knows where. */
  hidden: number;
  /** Ids of arrivals that are held back from the tree (behind `Show 3 new replies`), oldest first. */
  held: string[];
}

/** The reading half. Emits after each change; readers coalesce to one render a frame. */
export interface ThreadView {
  readonly phase: Phase;
  readonly status: Status;
  /** Since when it is `offline`, Unix time in milliseconds; null otherwise. */
  readonly offlineSince: number | null;
  readonly thread: Thread | null;
  readonly you: You | null;
  readonly rules?: Rules | undefined;
  readonly sort: Sort;
  /** Replies that are shown or held, plus those that are not loaded: what the heading counts, own waiting ones included. */
  readonly count: number;
  tree(): Tree;
  get(id: string): Reply | undefined;
  /** Lets held arrivals into the tree: these ids, or all of them. */
  reveal(ids?: readonly string[]): void;
  subscribe(listener: () => void): () => void;
}

/** The writing half. Every method may be called at any time, also offline. */
export interface LiveThread {
  /** Puts a reply into the outbox and shows it at once; returns its id. A guest's name must be known (`setName`). */
  post(reply: Pick<OutboxEntry, 'parent' | 'body' | 'answers' | 'mentions'>): string;
  /** What waits, or failed. */
  readonly outbox: Pick<Outbox, 'retry' | 'discard' | 'resumesAt'>;
  /** The texts that are being written, by the reply that they answer (null: a new root) or another name of a place. */
  readonly drafts: Drafts;
  /** The line that all discussions of the page share. */
  readonly line: {
    readonly connected: boolean;
    readonly retryAt: number;
    readonly trouble?: ErrorBody | undefined;
    restart(): void;
  };
  /** A write to a reply that stands: its answer is shown at once, also the newer text that a conflict brings. */
  change<N extends ChangeName>(name: N, payload: RequestOf<N>): Promise<Outcome<DataOf<N>>>;
  /** How many read, and the names of those who are writing, as the last beat told. */
  readonly presence: Presence;
  /** Asks about this thread, whoever asks. What is located is held from then on. */
  read<N extends ReadName>(name: N, payload: Omit<RequestOf<N>, 'thread'>): Promise<Outcome<DataOf<N>>>;
  /** Asks as this browser's guest; with another token, once, where the old one is no good. */
  ask<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Outcome<DataOf<N>>>;
  /** Where things are kept, under names that begin with `scope`, and which time it is. */
  readonly desk: { readonly keep: Keep; readonly clock: Clock; readonly scope: string };
  /** Fetches the next page of the children of `parent` (null: roots); single flight for each parent. */
  more(parent: string | null): Promise<Outcome<unknown>>;
  /** The name this browser writes under on this site, '' when none was given yet. Remembered. */
  readonly name: string;
  setName(name: string): void;
  /** Tells the others that this reader is writing; sent at most every three seconds. */
  typing(parent: string | null): void;
  /** The line polls, because no WebSocket gets through. */
  readonly isSlow: boolean;
  /** How this reader hears the thread: live where nothing is said, else as CUR8 or CUR9 has it. */
  setLane(lane?: Lane): void;
  /** What is known while the page is paused. */
  readonly feed: Feed;
  /** The page or the element is seen, or not any more: hidden ones leave the line after a grace time. */
  setVisible(visible: boolean): void;
  /** Leaves the thread; the outbox stays in storage. */
  stop(): void;
}

/** What changes a reply that stands. */
export type ChangeName = 'reply:edit' | 'reply:remove' | 'reply:restore';

/** What may be asked without a name. */
export type ReadName = 'thread:locate' | 'thread:news' | 'reply:preview';

export interface Presence {
  readers: number;
  typing: readonly string[];
}

export type Outcome<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };
