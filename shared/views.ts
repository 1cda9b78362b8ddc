// The shapes that travel: what a reader can see. Owns nothing but types; see SPEC.md, section 5.

/** How far a reader has read a thread. `epoch` is a UUID, `seq` counts the changes of that thread from 0. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** `removed`: a tombstone that keeps the shape of the talk; its `html` is '' and its author blank. */
export type ReplyState = 'published' | 'removed';
export type ThreadMode = 'open' | 'closed';
export type Badge = 'owner' | 'moderator' | 'guest';
export type Sort = 'oldest' | 'newest' | 'best';

/** Emoji by how many people chose it; only counts above 0. */
export type Reactions = Record<string, number>;
/** Which votes a site takes. */
export type Voting = 'none' | 'up' | 'updown';

/** What a site's owner has decided; the server holds everybody to it. */
export interface Rules {
  votes: Voting;
  /** The emoji that may be chosen, in this order; empty: none. */
  reactions: string[];
  /** How long after it was written a reply may be edited by its author; null: for ever. */
  editWindowSeconds: number | null;
  /** How long after its removal a reply may be brought back by its author. */
  undoSeconds: number;
  /** Whether the number of readers is told, and who is writing. */
  presence: boolean;
  typing: boolean;
  /** Of the server, not of the site: it has the lane `digest`. */
  digest?: boolean;
}

export interface Author {
  id: string;
  name: string;
  avatar?: string;
  badge?: Badge;
}

/** The next page of a list of siblings: an opaque keyset cursor, and how many rows are left behind it. */
export interface More {
  after: string;
  count: number;
}

/** One message. `html` is safe: rendered once, on the server. Times are RFC 3339 in UTC. */
export interface Reply {
  id: string;
  parent: string | null;
  /** The id of the reply at the top of this branch; its own id for a root. */
  root: string;
  /** 0 for a root. */
  depth: number;
  /** The seq at which it was created: the order of time. */
  born: number;
  /** The seq of its last change: the higher one wins. */
  seq: number;
  /** 1, and one more with each edit of the text. */
  rev: number;
  author: Author;
  html: string;
  createdAt: string;
  editedAt?: string;
  state: ReplyState;
  score: number;
  /** How many people chose each emoji; absent where nobody ever did, `{}` where nobody does any more. */
  reactions?: Reactions;
  /** The `rev` of its parent that its author had read, where that is known. */
  answers?: number;
  /** Ids of the authors whom it names with an `@`; absent where there are none. */
  mentions?: string[];
  /** Direct children that are published. */
  replies: number;
  /** Present where this answer holds only some of its children. */
  more?: More;
}

/** Only the counters of a reply changed: no text is sent again. */
export interface Touched {
  id: string;
  seq: number;
  score: number;
  /** As in `Reply`: absent where nobody ever chose one. */
  reactions?: Reactions;
  replies: number;
}

export interface Thread {
  id: string;
  key: string;
  url: string | null;
  title: string | null;
  /** Published replies, at every depth. */
  count: number;
  state: ThreadMode;
}

/** One live push: everything that changed in `(from, to]`, the same bytes for every reader. */
export interface Delta {
  v: 1;
  thread: string;
  epoch: string;
  from: number;
  to: number;
  replies: Reply[];
  touched?: Touched[];
  info?: Thread;
  /** In the lane `digest` alone: `born` of each new reply that is left out, by the id of what it answers, or ''. */
  left?: Record<string, number[]>;
}

export interface Snapshot {
  cursor: Cursor;
  thread: Thread;
  replies: Reply[];
  more: More | null;
}

export interface Me {
  id: string;
  name: string;
  badge: Badge;
}

/** What this reader has chosen on the replies of one answer; a reply that is not named has nothing of theirs. */
export interface Mine {
  votes: Record<string, -1 | 1>;
  reactions?: Record<string, string[]>;
}

/** What is personal in the answer to a join (VIEW1): never part of a delta. */
export interface You extends Mine {
  me: Me | null;
  can: { write: boolean; vote: boolean };
  /** To be kept in the place of the one that was sent (REQ7). */
  token?: string;
}
