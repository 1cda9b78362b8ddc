// What is kept of this reader's visits to a discussion, on this device only. Owns the shape; what is new since then is asked
// for in `elements/tools/visits.ts`.
import type { Cursor } from '../../shared/views.js';
import type { LiveThread } from './types.js';

/** Who is away for longer comes for another visit. */
export const VISIT_MS = 30 * 60_000;

/** How far the discussion was when it was last looked at. */
export interface Visit extends Cursor {
  /** Unix time in milliseconds. */
  at: number;
  /** How far it was at the end of the visit before. */
  base?: Cursor;
}

export const visitKey = ({ desk }: LiveThread): string => `visit:${desk.scope}`;
