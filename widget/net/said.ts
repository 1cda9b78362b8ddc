// What the tabs of a browser say to one another. Types only. `from` and `to` are ids of tabs; what has no `to` is for all.
import type { ErrorBody } from '../../shared/errors.js';
import type { Me } from '../../shared/views.js';

/** To the tab that leads. */
export type Asked =
  /** For the state of the line, spoken as this guest. `again`: the line that was there is no good. */
  | { is: 'hello'; from: string; token: string | null; again: boolean }
  | { is: 'ask'; from: string; to: string; n: number; name: string; payload: unknown }
  | { is: 'send'; from: string; to: string; payload: { thread: string; parent: string | null } };

/** By the tab that leads. */
export type Told =
  | { is: 'lead'; from: string }
  | { is: 'up'; from: string; to?: string; token: string | null; isSlow: boolean }
  /** It leads and has no line at the moment. */
  | { is: 'down'; from: string; to?: string }
  | { is: 'failed'; from: string; to?: string; error?: ErrorBody }
  | { is: 'push'; from: string; name: string; payload: unknown }
  | { is: 'me'; from: string; token: string; me: Me }
  | { is: 'answer'; from: string; to: string; n: number; answer: unknown }
  /** It speaks as somebody else than this guest. */
  | { is: 'alone'; from: string; to: string; token: string | null };

export type Said = Asked | Told;
