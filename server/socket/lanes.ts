// How a reader hears a thread, and the room of those who hear it so (PUMP7, PUMP10).
import { LANES, type Lane } from '../../shared/protocol.js';

export function roomOf(threadId: string, lane: Lane): string {
  return lane === 'live' ? threadId : `${threadId} ${lane}`;
}

/** Those that a reader is in one of, at most. */
export function roomsOf(threadId: string): string[] {
  return LANES.map((lane) => roomOf(threadId, lane));
}
