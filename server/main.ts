// The process: reads the environment, starts the server, says when it is ready, and ends it in order. The only file
// that touches `process`.
import { join } from 'node:path';

import { SAMPLE, SAMPLE_KEY, SAMPLE_TITLE } from '../demo/sample.js';
import { createApp } from './app.js';
import { ConfigError, parseConfig } from './config.js';
import { connect } from './database/connect.js';
import { openDatabase } from './database/open.js';
import { DatabaseStartError } from './database/start-error.js';
import { createLog } from './log.js';
import { npmShellGone } from './npm-shell.js';
import { migrationsFolder, programVersion, projectRoot } from './root.js';
import { SecretError, secretFolderOf } from './secrets/keeper.js';
import { startTracing } from './tracing/start.js';

/** Longest time from a signal to the end: what is not closed by then is cut off. */
const SHUTDOWN_MS = 15_000;

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY });
  if (!config.rateLimits) log.warn('RATE LIMITS ARE OFF (AFTERWORD_RATE_LIMITS=off): for load tests only');
  const root = projectRoot();

  const stopping = new AbortController();
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    void npmShellGone(process.env, () => process.ppid).then(resolve);
  });
  void signalled.then(() => stopping.abort(new Error('stopped while starting')));

  const database = await openDatabase(
    {
      databaseUrl: config.databaseUrl ?? undefined,
      directUrl: config.databaseDirectUrl ?? undefined,
      dataDir: config.dataDir,
      migrationsFolder: migrationsFolder(root),
      poolSize: config.poolSize,
    },
    (message, level = 'info') => log[level](message),
    stopping.signal,
  ).catch((error: unknown) => {
    if (stopping.signal.aborted) return null;
    throw error;
  });
  if (!database) return log.info('stopped before it was ready');
  const version = programVersion(root);
  const tracing = await startTracing(process.env, version, log);
  const app = await createApp({
    config: { ...config, secretFolder: secretFolderOf(config) },
    log,
    database,
    connect: (max) => connect({ url: database.url, max, applicationName: 'afterword-bus', isPrompt: true }).sql,
    dist: join(root, 'dist'),
    sample: { key: SAMPLE_KEY, title: SAMPLE_TITLE, replies: SAMPLE },
    version,
    tracing,
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  if (app.metricsPort !== null) log.info({ host: config.metricsHost, port: app.metricsPort }, 'showing /metrics');
  // Whoever waits for it, or keeps it on a disk that is full, is no reason to end.
  process.stdout.on('error', () => {});
  process.stdout.write(`Afterword is ready at ${app.url}\n`);

  const why = await Promise.race([signalled, database.lost]);
  setTimeout(() => {
    log.error({ open: process.getActiveResourcesInfo() }, 'not everything was closed in time; ending all the same');
    process.exit(1);
  }, SHUTDOWN_MS).unref();
  if (why instanceof Error) log.fatal({ error: why }, 'the embedded database is gone; nothing acknowledged is lost');
  else log.info(`${why}: sending readers away and stopping`);
  await app.close();
  await tracing.stop();
  await database.close();
  process.exitCode = why instanceof Error ? 1 : 0;
  // Everything is closed. What may still keep the process (an exporter that tries to send, the engine's patience with readers
  // who vanished) is not worth waiting for.
  process.exit();
}

/** What a listener that is refused tells besides. */
type Refused = { port?: number; address?: string; hostname?: string };

/** What a person can act on is said in words; anything else with its stack. */
function explain(error: unknown): string {
  if ([ConfigError, DatabaseStartError, SecretError].some((kind) => error instanceof kind))
    return (error as Error).message;
  const { code, port = 0, address = '', hostname = '' } = error as NodeJS.ErrnoException & Refused;
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is in use. Stop what uses it, or name another in PORT.`;
  if (code === 'EACCES') return `Port ${port} may not be opened by this user. Name one above 1023 in PORT.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address} (HOST).`;
  if (code === 'ENOTFOUND') return `There is no address for the name ${hostname} (HOST).`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`Afterword could not start.\n${explain(error)}\n`);
  process.exit(1);
});
