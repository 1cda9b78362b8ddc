// What a command of the command line is. Owns its shape, and the two errors whose message is all that a person needs.
import type { ParseArgsConfig } from 'node:util';

/** What a command may touch of the process. */
export interface Context {
  env: Readonly<Record<string, string | undefined>>;
  /** The package's folder. */
  root: string;
  /** A line of the result, on standard output. */
  print(line: string): void;
  /** Progress and warnings, on standard error. */
  tell(line: string): void;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted by SIGINT and SIGTERM with a `Refusal`, which is then thrown: leave nothing half done, and wait for nobody. */
  signal: AbortSignal;
}

export interface Arguments {
  options: Readonly<Record<string, string | boolean | undefined>>;
  words: readonly string[];
}

export interface Command {
  /** Shown by `afterword help NAME`, and where it was used in a wrong way. */
  usage: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** How many words it takes at most; none where nothing is said. */
  words?: number;
  /** Returns the exit code. */
  run(context: Context, given: Arguments): Promise<number>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for can't be done, in words: exit code 1, without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
