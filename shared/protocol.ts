// The names and payloads of the wire, typed for both ends. Owns no behaviour; see SPEC.md, sections 2 to 4.
import type { ErrorBody } from './errors.js';
import type { Cursor, Delta, Me, Mine, More, Reactions, Reply, Rules, Snapshot, Sort, You } from './views.js';

export const PROTOCOL = 1;
/** A tab may be days old: the number before the current one is still served. There is none before 1. */
export const PROTOCOLS_SERVED: readonly number[] = [PROTOCOL];

/** What a client says of itself in Socket.IO's `auth`. */
export interface HandshakeAuth {
  protocol: number;
  site: string;
  /** The widget's version: for the log only. */
  widget?: string;
  token?: string;
}

export type Answer<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };

export interface JoinRequest {
  key: string;
  url?: string | undefined;
  title?: string | undefined;
  sort?: Sort;
  limit?: number;
  cursor?: Cursor;
  /**
   * `slow`: changes come together, every `SLOW_LANE_MS`. `digest`, where the rules of the last answer tell of it: every
   * `DIGEST_EVERY_MS`, and what is new is only counted (`Delta.left`). `live` where nothing is said.
   */
  lane?: Lane | undefined;
}
export const LANES = ['live', 'slow', 'digest'] as const;
export type Lane = (typeof LANES)[number];
/** `rules`: from servers that know them; without them a site has votes and nothing else of what they tell. */
export type JoinAnswer = { you: You; rules?: Rules } & (
  | ({ mode: 'snapshot' } & Snapshot)
  | { mode: 'delta'; delta: Delta }
);

export interface PageRequest {
  thread: string;
  parent: string | null;
  sort: Sort;
  after?: string | undefined;
  limit?: number;
}
export interface Page {
  replies: Reply[];
  more: Snapshot['more'];
  mine?: Mine;
}

/** One reply with what stands around it; see `LOCATE_NEIGHBOURS`. */
export interface Located {
  /**
   * From the root down: each reply that this one answers, then siblings before it, itself, siblings behind it, and its
   * own first descendants. A row has `more` where only some of its children are in the answer; its `after` then begins
   * that list, or goes on behind the last of them where those that are here are its first.
   */
  replies: Reply[];
  /** How the list that it stands in goes on behind the last sibling of this answer; null where it ends. */
  more: More | null;
  mine: Mine;
}

/** A reply that was born after the cursor of an earlier visit. */
export interface News {
  id: string;
  root: string;
}

export interface NewReply {
  thread: string;
  id: string;
  parent?: string | null;
  body: string;
  /** The `rev` of the parent that its author had before them. */
  answers?: number | undefined;
  /** Ids of the authors whose names stand in the text behind an `@`. */
  mentions?: string[] | undefined;
}

/** An earlier text of a reply, as it was until `until`. */
export interface Revision {
  rev: number;
  body: string;
  until: string;
}

/** Every request with its payload and the data of its answer. `thread:typing` alone has no answer. */
export interface Requests {
  'thread:join': [JoinRequest, JoinAnswer];
  'thread:leave': [{ thread: string }, Record<string, never>];
  'thread:page': [PageRequest, Page];
  'thread:locate': [{ thread: string; id: string; sort: Sort }, Located];
  'thread:news': [{ thread: string; since: Cursor }, { count: number; news: News[] }];
  'me:guest': [{ name: string; email?: string }, { token: string; me: Me }];
  'reply:create': [NewReply, { reply: Reply }];
  /** `mentions`: added to those that it names already. */
  'reply:edit': [{ id: string; body: string; base: number; mentions?: string[] }, { reply: Reply }];
  'reply:remove': [{ id: string }, { reply: Reply }];
  'reply:restore': [{ id: string }, { reply: Reply }];
  'reply:preview': [{ thread: string; body: string; mentions?: string[] }, { html: string }];
  'reply:history': [{ id: string }, { revisions: Revision[] }];
  'reply:source': [{ id: string }, { body: string }];
  'reply:vote': [{ id: string; value: -1 | 0 | 1 }, { score: number; value: -1 | 0 | 1 }];
  'reply:react': [{ id: string; emoji: string; on: boolean }, { reactions: Reactions; mine: string[] }];
  'reply:report': [{ id: string; reason: string; note?: string }, Record<string, never>];
}
export type RequestName = keyof Requests;
export type RequestOf<N extends RequestName> = Requests[N][0];
export type DataOf<N extends RequestName> = Requests[N][1];

export type ClientToServer = {
  [N in RequestName]: (payload: RequestOf<N>, answer: (answer: Answer<DataOf<N>>) => void) => void;
} & { 'thread:typing': (payload: { thread: string; parent?: string | null }) => void };

export interface Beat {
  thread: string;
  epoch: string;
  head: number;
  /** Readers with this thread open, on every node. */
  readers: number;
  typing: string[];
}

export interface ServerToClient {
  'thread:delta': (delta: Delta) => void;
  'thread:beat': (beat: Beat) => void;
  'thread:stale': (stale: { thread: string; head: number }) => void;
  'server:drain': (drain: { reconnectInMs: number }) => void;
}
