// The one error of a database that can't be started. Owns its kinds and the shape of its message; every text is written
// where the failure is found.

export type DatabaseStartFailure =
  /** The data folder can't be made or written. */
  | 'data_folder_unwritable'
  /** As root: the user that the database runs as can't reach the data folder or the binaries. */
  | 'folder_unreachable'
  /** The socket's folder can't be made, or isn't ours. */
  | 'socket_folder_unusable'
  /** There are no binaries for this platform, or they can't be run on it. */
  | 'binaries_missing'
  /** There is no user that the database may run as. */
  | 'no_account'
  /** Another running instance owns this data folder. */
  | 'in_use'
  /** The data was made by another major version of PostgreSQL. */
  | 'other_major'
  /** What stands in the data folder is not a database of ours. */
  | 'not_a_database'
  /** initdb failed. */
  | 'not_created'
  /** The server ended while it was starting, or again and again afterwards. */
  | 'not_started'
  /** It did not answer a tool in time. */
  | 'away'
  /** The server of `DATABASE_URL` is too old or keeps text in another encoding, or another program's tables are in the way. */
  | 'unsuitable_server'
  /** It refused a migration. */
  | 'not_migrated';

interface StartErrorParts {
  happened: string;
  /** What stands as it did before. */
  kept: string;
  /** What the reader can do about it. */
  remedy: string;
  cause?: unknown;
}

/** Its message is for people: what happened, what was kept, what to do. Never holds a password. */
export class DatabaseStartError extends Error {
  readonly failure: DatabaseStartFailure;

  constructor(failure: DatabaseStartFailure, { happened, kept, remedy, cause }: StartErrorParts) {
    super(`${happened} ${kept} ${remedy}`, cause === undefined ? undefined : { cause });
    this.name = 'DatabaseStartError';
    this.failure = failure;
  }
}

export const NOTHING_CHANGED = 'Nothing was changed.';

/** The code of a system error (`EACCES`, ...), or undefined. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
