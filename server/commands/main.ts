// `afterword COMMAND`, but for serving, which is server/main.ts. Owns finding the command, reading its options, and saying
// what went wrong; what a command does is in its own file, loaded when it is asked for.
import { parseArgs, type ParseArgsConfig } from 'node:util';

import { ConfigError, describeVariables } from '../config.js';
import { DatabaseStartError } from '../database/start-error.js';
import { nearest } from '../nearest.js';
import { programVersion, projectRoot } from '../root.js';
import { SecretError } from '../secrets/keeper.js';
import { type Arguments, type Command, type Context, Refusal, UsageError } from './command.js';
import { databaseSays, systemSays } from './in-words.js';

const MISUSED = 2;
/** As a shell tells that a program was ended by a signal. */
const STOPPED = { SIGINT: 130, SIGTERM: 143 } as const;

interface Entry {
  synopsis: string;
  summary: string;
  load(): Promise<Command>;
}

const COMMANDS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    'start',
    {
      synopsis: 'start',
      summary: 'serves; the same as no command at all',
      load: async () => ({ usage: startUsage(), run: async () => misused('start is run by itself: afterword start') }),
    },
  ],
  [
    'admin',
    {
      synopsis: 'admin TOPIC VERB ...',
      summary: 'sites and their origins, closing threads, taking the sample away',
      load: async () => (await import('./admin.js')).admin,
    },
  ],
  [
    'backup',
    {
      synopsis: 'backup [FILE]',
      summary: 'everything that the database holds, in one file; while the server runs, too',
      load: async () => (await import('./backup.js')).backup,
    },
  ],
  [
    'restore',
    {
      synopsis: 'restore FILE',
      summary: 'a backup into an empty database, or with --replace in the place of what is there',
      load: async () => (await import('./restore.js')).restore,
    },
  ],
  [
    'doctor',
    {
      synopsis: 'doctor [--json]',
      summary: 'looks at the installation, and says what to mend',
      load: async () => (await import('./doctor.js')).doctor,
    },
  ],
  [
    'version',
    {
      synopsis: 'version',
      summary: 'the version of this program',
      load: async () => ({ usage: 'afterword version', run: printVersion }),
    },
  ],
  [
    'help',
    {
      synopsis: 'help [COMMAND]',
      summary: 'this, or what a command takes',
      load: async () => ({ usage: 'afterword help [COMMAND]', words: 1, run: help }),
    },
  ],
]);

const ALIASES: Readonly<Record<string, string>> = {
  '-h': 'help',
  '--help': 'help',
  '-v': 'version',
  '--version': 'version',
};
const HELP = { help: { type: 'boolean', short: 'h' } } satisfies ParseArgsConfig['options'];

async function run(argv: readonly string[], context: Context): Promise<number> {
  const [given = 'help', ...rest] = argv;
  const name = ALIASES[given] ?? given;
  const command = await entryOf(name).load();
  const { values, positionals } = readOptions(rest, command);
  if (values['help'] === true) {
    context.print(command.usage);
    return 0;
  }
  const more = positionals[command.words ?? 0];
  if (more !== undefined)
    throw new UsageError(`${JSON.stringify(more)} is a word too many. See: afterword help ${name}`);
  return await command.run(context, { options: values, words: positionals });
}

function entryOf(name: string): Entry {
  const entry = COMMANDS.get(name);
  if (entry) return entry;
  const meant = nearest(name, [...COMMANDS.keys(), ...Object.keys(ALIASES)]);
  throw new UsageError(
    `There is no command ${JSON.stringify(name)}${meant ? `: did you mean ${meant}?` : '.'} See: afterword help`,
  );
}

function readOptions(
  args: string[],
  { options = {} }: Command,
): { values: Arguments['options']; positionals: string[] } {
  const known = { ...options, ...HELP };
  const { tokens } = parseArgs({ args, options: known, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(known, token.name)) continue;
    const meant = nearest(token.name, Object.keys(known));
    throw new UsageError(`There is no option ${token.rawName}${meant ? `: did you mean --${meant}?` : '.'}`);
  }
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
    return { values: values as Arguments['options'], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function help(context: Context, { words: [name] }: Arguments): Promise<number> {
  if (name !== undefined) {
    context.print((await entryOf(name).load()).usage);
    return 0;
  }
  const width = Math.max(...[...COMMANDS.values()].map(({ synopsis }) => synopsis.length)) + 2;
  const rows = [...COMMANDS.values()].map(({ synopsis, summary }) => `  ${synopsis.padEnd(width)}${summary}`);
  context.print(`afterword COMMAND\n\n${rows.join('\n')}\n\nSettings are environment variables: afterword help start`);
  return 0;
}

async function printVersion({ print, root }: Context): Promise<number> {
  print(programVersion(root));
  return 0;
}

function startUsage(): string {
  const rows = describeVariables().map(({ name, value, doc }) => `  ${name}${value && ` (${value})`}\n      ${doc}`);
  return `afterword start\n\nServes until it is told to stop. Settings are environment variables:\n\n${rows.join('\n')}`;
}

function misused(message: string): never {
  throw new UsageError(message);
}

/** What a person can act on is said in words; anything else with its stack. */
function explain(error: unknown): { code: number; said: string } {
  if (error instanceof UsageError) return { code: MISUSED, said: error.message };
  const known = [Refusal, ConfigError, DatabaseStartError, SecretError].some((kind) => error instanceof kind);
  if (known) return { code: 1, said: (error as Error).message };
  const refused = databaseSays(error);
  if (refused !== null) return { code: 1, said: refused };
  return { code: 1, said: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** When all that was said has gone out, or is known not to. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => setImmediate(resolve)));
}

async function main(): Promise<void> {
  const { stdout, stderr } = process;
  const stopping = new AbortController();
  let stopped: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopped ??= STOPPED[signal];
      stopping.abort(new Refusal(`Stopped by ${signal}.`));
    });
  }
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads no further, as `head` does, is no fault of ours.
    if (error.code === 'EPIPE') process.exit(1);
    stderr.write(`Standard output could not be written (${systemSays(error) ?? error.message}).\n`);
    process.exitCode = 1;
  });
  const context: Context = {
    env: process.env,
    root: projectRoot(),
    print: (line) => void stdout.write(`${line}\n`),
    tell: (line) => void stderr.write(`${line}\n`),
    stdout,
    stderr,
    signal: stopping.signal,
  };
  try {
    const code = await run(process.argv.slice(2), context);
    process.exitCode ??= code;
  } catch (error) {
    const { code, said } = explain(error);
    stderr.write(`${said}\n`);
    process.exitCode = stopped ?? code;
  }
  await Promise.all([written(stdout), written(stderr)]);
  // Everything is closed, or was cut: a database that still writes what nobody reads any more, as after a backup that failed,
  // would keep the process for good.
  process.exit();
}

await main();
