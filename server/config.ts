// Owns the settings: which environment variables there are, what they mean, and the one parser for all of them. Reads
// nothing by itself: the environment is handed in (`main.ts` alone touches the process).
import { absolutePath, databaseAddress, hostName, isQuoted, publicUrl, redisAddress } from './config-values.js';
import { whole } from './whole.js';
import { nearest } from './nearest.js';
import { trustedProxies, type TrustedProxies } from './proxy-trust.js';

const PREFIX = 'AFTERWORD_';
/** What is wrong with most addresses. */
const IN_PASSWORDS = '; in its password % is written %25, @ %40, # %23, / %2F';
/** Characters of a secret. */
export const SECRET_MIN = 32;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  port: number;
  host: string;
  /** Without a slash at its end; null: derived from each request. */
  publicUrl: string | null;
  /** null: the embedded Postgres. */
  databaseUrl: string | null;
  /** null: `databaseUrl` leads to the server itself. */
  databaseDirectUrl: string | null;
  redisUrl: string | null;
  /** Absolute. */
  dataDir: string;
  /** null: from a file, or one that is made and kept. */
  secret: string | null;
  /** Absolute; null: none. */
  secretFile: string | null;
  rateLimits: boolean;
  trustProxy: TrustedProxies;
  logLevel: LogLevel;
  poolSize: number;
  drainSeconds: number;
  /** null: no metrics. */
  metricsPort: number | null;
  metricsHost: string;
}

/** Lists everything that is wrong with the environment, one problem a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The configuration has ${count}:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

interface Variable<T> {
  name: string;
  /** As one would write it; null where there is no such value and `doc` says what being unset means. */
  default: string | null;
  unit?: string;
  doc: string;
  /** Ends the sentence "expected ...". */
  expected: string;
  /** Its value is never shown. */
  secret?: true;
  /** undefined: not what is expected. */
  parse(text: string): T | undefined;
}

/** Every variable, in the order of the README. Unset ones without a default are null. */
const VARIABLES: { [K in keyof Config]: Variable<Config[K]> } = {
  port: {
    name: 'PORT',
    default: '3000',
    doc: 'The port to listen on. `0` takes any free one.',
    expected: 'a whole number from 0 to 65535',
    parse: (text) => whole(text, 0, 65_535),
  },
  host: {
    name: 'HOST',
    default: '127.0.0.1',
    doc: 'The address to listen on. `0.0.0.0` or `::` for every interface, as in a container.',
    expected: 'an IP address or a host name',
    parse: hostName,
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    default: null,
    doc: 'The address under which readers reach the server, such as `https://talk.example.com`. Unset: taken from each request.',
    expected: 'an http or https address without user name, query and fragment',
    parse: publicUrl,
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    default: null,
    doc: 'The PostgreSQL (15 or later) to use, such as `postgres://user:password@host/database`. Unset: one of its own, in the data folder.',
    expected: `an address that begins with postgres:// or postgresql://${IN_PASSWORDS}`,
    secret: true,
    parse: databaseAddress,
  },
  databaseDirectUrl: {
    name: 'DATABASE_DIRECT_URL',
    default: null,
    doc: 'Where `DATABASE_URL` leads to a pooler in transaction mode (PgBouncer): the same database without it, for migrations and `LISTEN`. See docs/scaling.md.',
    expected: 'an address as for DATABASE_URL, which is to stand beside it',
    secret: true,
    parse: databaseAddress,
  },
  redisUrl: {
    name: 'REDIS_URL',
    default: null,
    doc: 'The Redis (or Valkey; of a cluster, any node) through which several nodes hint each other. Unset: through PostgreSQL.',
    expected: `an address that begins with redis:// or rediss://${IN_PASSWORDS}`,
    secret: true,
    parse: redisAddress,
  },
  dataDir: {
    name: 'AFTERWORD_DATA_DIR',
    default: './data',
    doc: 'The folder for what the server keeps by itself: the embedded database, and the secret that it makes.',
    expected: 'a path',
    parse: absolutePath,
  },
  secret: {
    name: 'AFTERWORD_SECRET',
    default: null,
    doc: `Signs the tokens of readers; at least ${SECRET_MIN} characters. Unset: see AFTERWORD_SECRET_FILE.`,
    expected: `at least ${SECRET_MIN} characters`,
    secret: true,
    parse: (text) => (text.length >= SECRET_MIN ? text : undefined),
  },
  secretFile: {
    name: 'AFTERWORD_SECRET_FILE',
    default: null,
    doc: 'A file with such a secret, or several, one a line: the first signs, all are believed. Unset: one is generated, and kept in the data folder beside an embedded database, else in the database for all nodes (docs/operations.md).',
    expected: 'a path',
    parse: absolutePath,
  },
  rateLimits: {
    name: 'AFTERWORD_RATE_LIMITS',
    default: 'on',
    doc: '`off` lifts every rate limit. For load tests only.',
    expected: 'on or off',
    parse: (text) => (/^(?:on|off)$/i.test(text) ? text.toLowerCase() === 'on' : undefined),
  },
  trustProxy: {
    name: 'AFTERWORD_TRUST_PROXY',
    default: 'off',
    doc:
      'Whose `X-Forwarded-*` headers to believe: the addresses and ranges of your proxies (`10.0.0.0/8, ::1`), or how many ' +
      'proxies there are (`1`), where nobody else can reach the port.',
    expected: 'off, a number of proxies from 1 to 10, or IP addresses and CIDR ranges separated by commas',
    parse: trustedProxies,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    default: 'info',
    doc: `How much the log says: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => LOG_LEVELS.find((level) => level === text.toLowerCase()),
  },
  poolSize: {
    name: 'AFTERWORD_POOL_SIZE',
    default: '10',
    unit: 'connections',
    doc: 'How many connections to the database one process holds at most.',
    expected: 'a whole number from 2 to 500',
    parse: (text) => whole(text, 2, 500),
  },
  drainSeconds: {
    name: 'AFTERWORD_DRAIN_SECONDS',
    default: '5',
    unit: 'seconds',
    doc: 'How long a stopping server takes to send its readers elsewhere, spread over that time.',
    expected: 'a whole number from 0 to 300',
    parse: (text) => whole(text, 0, 300),
  },
  metricsPort: {
    name: 'AFTERWORD_METRICS_PORT',
    default: null,
    doc: 'A port of its own on which `/metrics` is shown to Prometheus (docs/operations.md). `0` takes any free one. Unset: nowhere.',
    expected: 'a whole number from 0 to 65535',
    parse: (text) => whole(text, 0, 65_535),
  },
  metricsHost: {
    name: 'AFTERWORD_METRICS_HOST',
    default: '127.0.0.1',
    doc: 'The address for that port. Whoever reaches it can read the metrics.',
    expected: 'an IP address or a host name',
    parse: hostName,
  },
};

/**
 * The settings of this environment, frozen. Unset and blank variables take their defaults. Throws a ConfigError that
 * lists every problem at once, unknown variables that begin with AFTERWORD_ among them (they are typing mistakes).
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const given = (variable: Variable<unknown>): string => env[variable.name]?.trim() ?? '';
  const entries = Object.entries<Variable<unknown>>(VARIABLES).map(([key, variable]) => {
    const text = given(variable) || variable.default;
    const value = text === null ? null : variable.parse(text);
    if (value === undefined) problems.push(problem(variable, given(variable)));
    return [key, value];
  });
  const { databaseDirectUrl } = VARIABLES;
  if (given(databaseDirectUrl) && !given(VARIABLES.databaseUrl)) {
    problems.push(`${databaseDirectUrl.name} is set without DATABASE_URL: expected ${databaseDirectUrl.expected}.`);
  }
  // The type of the table says of each key what `Config` says of it.
  const config = Object.fromEntries(entries) as Config;
  if (isOnePort(config)) {
    problems.push(
      `${VARIABLES.metricsPort.name} is ${config.metricsPort}, as ${VARIABLES.port.name} is: expected another.`,
    );
  }
  problems.push(...unknownVariables(env));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** What can't be read is undefined here. */
function isOnePort({ port, host, metricsPort, metricsHost }: Partial<Config>): boolean {
  const isOneHost = host === metricsHost || [host, metricsHost].some((one) => one === '0.0.0.0' || one === '::');
  return port !== 0 && port !== undefined && port === metricsPort && isOneHost;
}

/** The README's table of variables, in Markdown. */
export function configTable(): string {
  const rows = Object.values<Variable<unknown>>(VARIABLES).map((variable) => {
    const value = variable.default === null ? '' : `\`${variable.default}\`${variable.unit ? ` ${variable.unit}` : ''}`;
    return `| \`${variable.name}\` | ${value} | ${variable.doc.replaceAll('|', '\\|')} |`;
  });
  return ['| Variable | Default | What it is |', '|---|---|---|', ...rows].join('\n');
}

/** The same for a terminal: each variable with its default value, which is empty where it has none. */
export function describeVariables(): { name: string; value: string; doc: string }[] {
  return Object.values<Variable<unknown>>(VARIABLES).map(({ name, default: value, unit, doc }) => ({
    name,
    value: `${value ?? ''}${unit ? ` ${unit}` : ''}`,
    doc: doc.replaceAll('`', ''),
  }));
}

function problem(variable: Variable<unknown>, given: string): string {
  const shown = variable.secret ? 'set, but not usable (its value is not shown)' : JSON.stringify(given.slice(0, 200));
  const quotes = isQuoted(given) ? ' Take away the quotes around it.' : '';
  return `${variable.name} is ${shown}: expected ${variable.expected}.${quotes}`;
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const names = Object.values<Variable<unknown>>(VARIABLES).map(({ name }) => name);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !names.includes(name))
    .map((name) => {
      const close = names.find((known) => nearest(bare(name), [bare(known)]) !== undefined);
      return `${name} is not a variable of Afterword${close ? `: did you mean ${close}?` : '.'}`;
    });
}

function bare(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}
