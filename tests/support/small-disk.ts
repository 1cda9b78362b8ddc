// A small file system of a test's own, to be filled. Mounting it takes root, and isn't allowed everywhere.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024);

export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#ballast = join(folder, 'ballast');
  }

  /** Over this folder, which exists; null where that can't be done. */
  static mount(folder: string, mebibytes: number): SmallDisk | null {
    const options = `size=${mebibytes}m,mode=711`;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'afterword-faults', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return null;
    }
  }

  /** To the last byte. Called again, it takes what was freed meanwhile. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(file, CHUNK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.#folder]);
  }
}

/** Why a test that needs one is left out. */
export const NO_DISK = 'no file system of its own could be mounted';
