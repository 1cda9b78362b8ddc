// Two faults at once, as one name: `Redis: SIGKILL + server: SIGKILL`. The second begins while the first lasts, or soon after.
import { setTimeout as pause } from 'node:timers/promises';

import { Random } from '../sim/random.js';
import type { Fault } from './fault.js';

const AND = ' + ';
/** After the first: a server takes seconds to come back, and so do most of the others. */
const LATER_MAX_MS = 800;

export function atOnce(first: string, second: string): string {
  return first + AND + second;
}

/** The faults of a name: itself, or two. */
export function partsOf(what: string): string[] {
  return what.split(AND);
}

/** Whether two faults happen to different things: a server that is stopped can't step its clock as well. */
export function isPair(first: string, second: string): boolean {
  const subject = (what: string): string => what.split(': ', 1)[0]!;
  // Who is to feel that there are no handles must be left alone for that long.
  return subject(first) !== subject(second) && ![first, second].includes('server: no file handles left');
}

/** The fault of this name, of those that there are; undefined where a part of it is none. */
export function faultOf(what: string, faults: Readonly<Record<string, Fault>>): Fault | undefined {
  const parts = partsOf(what).map((part) => faults[part]);
  if (!parts.every((part) => part !== undefined)) return undefined;
  if (parts.length === 1) return parts[0];
  const firstOf = (reasons: (string | null | undefined)[]): string | null => reasons.find((reason) => reason) ?? null;
  return {
    lacks: (stage) => firstOf(parts.map((part) => part.lacks?.(stage))),
    forbidden: (stage) => firstOf(parts.map((part) => part.forbidden?.(stage))),
    run: async (stage, random) => {
      // Of each its own: else who asks first would get what depends on the machine.
      const own = parts.map((part, n) => ({
        part,
        after: n * random.below(LATER_MAX_MS),
        chance: new Random(random.below(2 ** 32)),
      }));
      // All of them to the end, whatever becomes of one: what is broken has to be mended again.
      const ends = await Promise.allSettled(
        own.map(async ({ part, after, chance }) => {
          await pause(after);
          await part.run(stage, chance);
        }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
