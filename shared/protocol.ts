// The names and payloads of the wire, typed for both ends. Owns no behaviour; see SPEC.md, sections 2 to 4.
import type { ErrorBody } from './errors.js';
import type { Cursor, Delta, Me, Reply, Snapshot, Sort, You } from './views.js';

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
  url?: string;
  title?: string;
  sort?: Sort;
  limit?: number;
  cursor?: Cursor;
}
export type JoinAnswer = ({ mode: 'snapshot'; you: You } & Snapshot) | { mode: 'delta'; delta: Delta; you: You };

export interface PageRequest {
  thread: string;
  parent: string | null;
  sort: Sort;
  after?: string;
  limit?: number;
}
export interface Page {
  replies: Reply[];
  more: Snapshot['more'];
}

/** Every request with its payload and the data of its answer. `thread:typing` alone has no answer. */
export interface Requests {
  'thread:join': [JoinRequest, JoinAnswer];
  'thread:leave': [{ thread: string }, Record<string, never>];
  'thread:page': [PageRequest, Page];
  'me:guest': [{ name: string; email?: string }, { token: string; me: Me }];
  'reply:create': [{ thread: string; id: string; parent?: string | null; body: string }, { reply: Reply }];
  'reply:edit': [{ id: string; body: string; base: number }, { reply: Reply }];
  'reply:remove': [{ id: string }, { reply: Reply }];
  'reply:source': [{ id: string }, { body: string }];
  'reply:vote': [{ id: string; value: -1 | 0 | 1 }, { score: number; value: -1 | 0 | 1 }];
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
