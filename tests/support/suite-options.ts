// The options of the suites that are run by hand. A run of nothing, which finds nothing, must not pass for a sound one.
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

export function suiteOptions<const T extends Options>(options: T, usage: string) {
  return suiteArguments({ options }, usage).values;
}

/** With words besides, where the config allows them. */
export function suiteArguments<const T extends ParseArgsConfig>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    return misused((error as Error).message, usage);
  }
}

/** Ends with 2. */
export function misused(why: string, usage: string): never {
  process.stderr.write(`${why}\n${usage}\n`);
  process.exit(2);
}

/** A whole number of at least `min`; NaN where it is none. */
export function wholeNumber(text: string, min = 0): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  return value >= min ? value : NaN;
}
