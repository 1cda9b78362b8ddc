// Whether a server ended for want of room, and waiting until there is some. Starts and ends nothing.
import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const FULL = /No space left on device|Disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/;
const MEBIBYTE = 1024 * 1024;
/** Of the server's log, which grows by files of 16 MiB: one to recover with, one to go on. */
const ROOM_MEBIBYTES = 32;
const LOOK_EVERY_MS = 1_000;
/** A quota is not seen from here, nor whose disk it is that has no room: then it is simply tried. */
const TRY_EVERY_MS = 30_000;

/** The line that says so; null where it ended for another reason. */
export function lackOfRoom(end: string): string | null {
  return end.split('\n').findLast((line) => FULL.test(line)) ?? null;
}

/** For people. */
export async function describeFullDisk(data: string, line: string): Promise<string> {
  const free = await roomIn(data);
  return (
    `The disk of ${data} is full${free === null ? '' : ` (${Math.floor(free)} MB free)`}, so the database has ended: ${line.trim()}. ` +
    `What was committed is kept. Make room there, at least ${ROOM_MEBIBYTES} MB: it starts again by itself.`
  );
}

/** Resolves when there is room, when it is time to try all the same, or when `stopped`. */
export async function untilRoom(data: string, stopped: AbortSignal): Promise<void> {
  const deadline = performance.now() + TRY_EVERY_MS;
  while (!stopped.aborted && performance.now() < deadline) {
    // First: where there is room already, the server knows better, and isn't started as fast as it ends.
    await pause(LOOK_EVERY_MS, undefined, { signal: stopped }).catch(() => {});
    const free = await roomIn(data);
    if (free !== null && free >= ROOM_MEBIBYTES) return;
  }
}

/** In MiB. */
async function roomIn(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return (bavail * bsize) / MEBIBYTE;
  } catch {
    return null;
  }
}
