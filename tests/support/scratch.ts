// Where tests keep databases that are gone when they are over: in memory where there is room for them, as half of the time of a
// test that writes went by until a disk had it. What is killed there loses no more than elsewhere: only a power cut would.
import { mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** More than all databases of a run take together. */
const ROOM_BYTES = 6 * 1024 ** 3;

/** Makes a new folder; short, as sockets may have to stand in it. */
export function scratchFolder(name: string): string {
  return mkdtempSync(path.join(hasRoom() ? MEMORY : '/tmp', name));
}

function hasRoom(): boolean {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === MEMORY);
    // Some tests put programs there.
    if (!mount || mount.split(' ')[3]!.split(',').includes('noexec')) return false;
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM_BYTES && process.availableMemory() > ROOM_BYTES;
  } catch {
    // No such thing here.
    return false;
  }
}
