// `afterword doctor`: looks at the installation as it is configured, and says what to mend. Changes nothing.
import { openRedisLine } from '../bus/redis-line.js';
import { type Config, ConfigError, parseConfig } from '../config.js';
import { attachDatabase, type AttachedDatabase } from '../database/attach.js';
import { readSchemas } from '../database/backup/schemas.js';
import { DatabaseStartError } from '../database/start-error.js';
import { checkDatabase, checkSites, checkTables } from '../doctor/database.js';
import { type Finding, ok, problem, reasonOf, warning } from '../doctor/finding.js';
import { checkDataFolder, checkHandles, checkNode, checkSecret, limitsHere } from '../doctor/machine.js';
import { checkPooler, checkSessions } from '../doctor/pooler.js';
import { checkProxy } from '../doctor/proxy.js';
import { checkMetrics, checkPort, checkPublic, whoListens } from '../doctor/reach.js';
import { checkTraces } from '../doctor/traces.js';
import { migrationsFolder } from '../root.js';
import type { Command, Context } from './command.js';
import { databaseSays } from './in-words.js';
import { hasDatabase, placeOf } from './use-database.js';

const USAGE = `afterword doctor

Looks at what the environment says, the machine, the database, the sites, and the way that readers take to the server, and
says what to mend. Run it with the server's environment, on its machine. While the server runs, the way is tried with it;
while it does not, what the proxy makes of a request is looked at as well. Exit code 1 where there is a problem.

  --json    for programs: { ok, findings: [{ what, state: ok|warning|problem, says, todo }] }`;

const DATABASE_MS = 5_000;
const REDIS_MS = 5_000;

export const doctor: Command = {
  usage: USAGE,
  options: { json: { type: 'boolean' } },
  async run(context, { options }) {
    const isJson = options['json'] === true;
    const findings: Finding[] = [];
    for await (const finding of examine(context)) {
      findings.push(finding);
      if (!isJson) context.print(line(finding));
    }
    const problems = findings.filter(({ state }) => state === 'problem').length;
    if (isJson) context.print(JSON.stringify({ ok: problems === 0, findings }, null, 2));
    return problems === 0 ? 0 : 1;
  },
};

function line({ what, state, says, todo }: Finding): string {
  return `${state.padEnd(8)} ${what}: ${says}${todo && `\n         ${todo}`}`;
}

async function* examine({ env, root, signal }: Context): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node);
  yield checkHandles(limitsHere());
  let config: Config;
  try {
    config = parseConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const wrong of error.problems) yield problem('Configuration', wrong, 'See: afterword help start');
    return;
  }
  yield ok('Configuration', 'Every variable can be read.');
  if (!config.rateLimits)
    yield warning(
      'Rate limits',
      'They are off: one reader can take all that the server has.',
      'Take AFTERWORD_RATE_LIMITS=off away: it is for load tests.',
    );
  yield* checkDataFolder(config);
  yield await checkSecret(config);
  yield* database(config, root, signal);
  signal.throwIfAborted();
  if (config.redisUrl !== null) yield await redis(config.redisUrl);
  if (config.metricsPort !== null) yield await checkMetrics(config.metricsHost, config.metricsPort);
  const traces = await checkTraces(env);
  if (traces) yield traces;
  yield* await way(config);
}

async function* database(config: Config, root: string, signal: AbortSignal): AsyncGenerator<Finding> {
  const what = 'Database';
  if (!hasDatabase(config)) return yield ok(what, 'The embedded one is made by the first start.');
  try {
    const attached = await attachDatabase(placeOf(config, root), () => {}, {
      migrate: false,
      applicationName: 'afterword doctor',
      withinMs: DATABASE_MS,
      signal,
    });
    try {
      const { sql } = attached;
      const running = attached.inUse ? 'a server uses it now' : 'no server uses it now';
      yield config.databaseUrl === null ? ok(what, `The embedded one; ${running}.`) : ok(what, 'It answers.');
      if (config.databaseUrl !== null) yield* await poolers(config, attached);
      yield* await checkDatabase(sql, config.poolSize, Date.now);
      const tables = await checkTables(sql, readSchemas(migrationsFolder(root)));
      yield tables;
      // Another program's have no sites of ours.
      if (tables.state !== 'problem') yield* await checkSites(sql);
    } finally {
      await attached.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const says = error instanceof DatabaseStartError ? error.message : (databaseSays(error) ?? reasonOf(error));
    yield problem(what, says, 'Nothing works without it: mend this first.');
  }
}

/** Where one is named, and where one stands that is not. */
async function poolers({ databaseUrl, databaseDirectUrl }: Config, { sql, url }: AttachedDatabase): Promise<Finding[]> {
  if (databaseDirectUrl === null) return await checkSessions(url, 'DATABASE_URL');
  const direct = await checkSessions(url, 'DATABASE_DIRECT_URL');
  const isDirect = direct.every(({ state }) => state === 'ok');
  return isDirect ? await checkPooler(databaseUrl!, sql, DATABASE_MS) : direct;
}

/** A word of our own, there and back. */
async function redis(url: string): Promise<Finding> {
  const what = 'Redis';
  let heard = (): void => {};
  const back = new Promise<void>((resolve) => {
    heard = resolve;
  });
  try {
    const opened = await openRedisLine({
      url,
      channels: ['afterword:doctor'],
      heard: () => heard(),
      greeting: 'doctor',
    });
    try {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('what was said was not heard')), REDIS_MS).unref();
      });
      await Promise.race([back, late, opened.lost.then((error) => Promise.reject(error))]);
      return ok(what, 'What is said there is heard.');
    } finally {
      opened.close();
    }
  } catch (error) {
    return problem(
      what,
      `It can't be used (${reasonOf(error)}).`,
      'Start it or mend REDIS_URL; until then nodes find each other only by looking.',
    );
  }
}

async function way(config: Config): Promise<Finding[]> {
  const { host, port, publicUrl } = config;
  const standing = await whoListens(host, port);
  const found = [checkPort(host, port, standing)];
  if (found[0]!.state === 'problem') return found;
  if (publicUrl === null) {
    // Otherwise nobody would miss what is not in the list.
    const says = 'Unset: taken from each request. WebSocket, polling and a proxy can only be tried where it is set.';
    const isOpen = config.trustProxy !== false;
    return [...found, isOpen ? warning('PUBLIC_URL', says, 'Behind a proxy, set it.') : ok('PUBLIC_URL', says)];
  }
  if (standing === 'afterword') return [...found, ...(await checkPublic(publicUrl))];
  if (port === 0)
    return [...found, warning('PUBLIC_URL', 'Not tried: PORT=0 is another port each time.', 'Choose a port.')];
  return [...found, ...(await checkProxy(publicUrl, config))];
}
