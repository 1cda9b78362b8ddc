// Gives the whole run one real PostgreSQL server and, on it, one migrated database to copy. Owns starting and stopping
// them: the embedded server in a temporary folder, or the one that TEST_DATABASE_URL names (its user must be allowed to
// create databases).
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { siblingAddress } from '../../server/database/address.js';
import { connect } from '../../server/database/connect.js';
import { startEmbedded } from '../../server/database/embedded/start.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import { makeCluster, putCluster } from './made-cluster.js';
import { scratchFolder } from './scratch.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the server's first database, and the name of the migrated one. */
    database: { url: string; template: string };
  }
}

const migrationsFolder = path.resolve(import.meta.dirname, '../../drizzle/migrations');

/** Runs once for each project that needs a database; the first one provides for all. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if ('database' in root.getProvidedContext()) return undefined;
  const server = await startServer();
  const template = `afterword_template_${randomBytes(4).toString('hex')}`;
  const admin = connect({ url: server.url, max: 1 });
  try {
    await admin.sql`create database ${admin.sql(template)}`;
    await migrateDatabase({ url: siblingAddress(server.url, template), migrationsFolder, log: () => {} });
  } catch (error) {
    await admin.close();
    await server.stop();
    throw error;
  }
  root.provide('database', { url: server.url, template });
  root.provide('cluster', server.cluster);
  return async () => {
    await admin.sql`drop database ${admin.sql(template)} with (force)`;
    await admin.close();
    await server.stop();
  };
}

async function startServer(): Promise<{ url: string; cluster: string | null; stop: () => Promise<void> }> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url !== undefined) return { url, cluster: null, stop: async () => {} };
  const folder = scratchFolder('afterword-run-');
  // Tests may run as root, the database then runs as another user, who must get through.
  chmodSync(folder, 0o711);
  const cluster = await makeCluster(path.join(folder, 'made'));
  const dataDir = path.join(folder, 'data');
  putCluster(cluster, dataDir);
  const embedded = await startEmbedded({ dataDir, log: () => {} });
  return {
    url: embedded.url,
    cluster,
    stop: async () => {
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
