// When exactly, in one language. Part of the second download: who reads first wants to know how long ago.
import type { Times } from './time.js';

/** The moment in full; `time` in Unix milliseconds. */
export function momentOf(times: Times, time: number): string {
  return times.by('DateTimeFormat', { dateStyle: 'full', timeStyle: 'short' }).format(time);
}

/** The time of the day: "12:04". */
export function hourOf(times: Times, time: number): string {
  return times.by('DateTimeFormat', { timeStyle: 'short' }).format(time);
}
