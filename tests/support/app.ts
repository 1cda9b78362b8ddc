// A whole server of a test's own: the real app on a real database, on a free port.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SAMPLE, SAMPLE_KEY, SAMPLE_TITLE } from '../../demo/sample.js';
import { createApp, type App, type AppConfig } from '../../server/app.js';
import { connect } from '../../server/database/connect.js';
import { createLog, type Log } from '../../server/log.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export interface TestApp extends App {
  database: TestDatabase;
  /** What the server logged, one JSON object a line. */
  logged: string[];
  /** Closes the server, and the database where it was made for it. */
  end(): Promise<void>;
}

export interface TestAppOptions {
  config?: Partial<AppConfig>;
  /** Another node on the same database. */
  database?: TestDatabase;
  /** A built dist/; without it, pages and scripts are not served. */
  dist?: string;
}

export const SAMPLE_THREAD = { key: SAMPLE_KEY, title: SAMPLE_TITLE, replies: SAMPLE };

/** Signs the tokens. */
export const SECRET = 'a secret for tests that is long enough';

/** Limits are off unless the test is about them. */
const CONFIG: AppConfig = {
  host: '127.0.0.1',
  port: 0,
  publicUrl: null,
  redisUrl: null,
  secret: SECRET,
  secretFile: null,
  secretFolder: null,
  rateLimits: false,
  trustProxy: false,
  drainSeconds: 0,
  metricsHost: '127.0.0.1',
  metricsPort: null,
  poolSize: 10,
};

export async function startTestApp({ config, database: given, dist }: TestAppOptions = {}): Promise<TestApp> {
  const database = given ?? (await createTestDatabase());
  const logged: string[] = [];
  const log: Log = createLog({ level: 'debug', pretty: false, to: { write: (line) => void logged.push(line) } });
  const folder = dist ?? (await emptyDist());
  const app = await createApp({
    config: { ...CONFIG, ...config },
    log,
    database,
    connect: (max) => connect({ url: database.url, max }).sql,
    dist: folder,
    sample: SAMPLE_THREAD,
    version: '0.0.0-test',
  });
  const end = async (): Promise<void> => {
    await app.close();
    if (!given) await database.drop();
    if (!dist) await rm(folder, { recursive: true, force: true });
  };
  return { ...app, database, logged, end };
}

async function emptyDist(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'afterword-dist-'));
  for (const part of ['widget', 'demo/assets']) await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, 'widget', 'afterword.js'), '');
  return folder;
}
