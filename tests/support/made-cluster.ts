// The files of an embedded database, as its first start makes them: made once for the whole run, and copied for tests that are
// about what comes after. Making them takes a second of a core's time, of which a run had some forty.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { databaseAccount } from '../../server/database/embedded/account.js';
import { findBinaries, libraryPrefix } from '../../server/database/embedded/binaries.js';
import { createCluster } from '../../server/database/embedded/cluster.js';
import { handOver, prepareFolders } from '../../server/database/embedded/folders.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where they are; null where the run has a server of somebody else's. */
    cluster: string | null;
  }
}

/** Makes them in this data folder; returns where. */
export async function makeCluster(dataDir: string): Promise<string> {
  const binaries = findBinaries();
  const folders = prepareFolders(dataDir);
  const account = databaseAccount(folders.cluster, [folders.data, path.dirname(binaries.postgres)]);
  handOver(account, folders);
  await createCluster(folders, binaries, libraryPrefix(binaries, folders.links), account);
  return folders.cluster;
}

/** Puts `cluster` into a data folder, as what it is: its owner stays the one that the server runs as. */
export function putCluster(cluster: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  execFileSync('cp', ['-a', cluster, path.join(dataDir, 'pgdata')]);
}

/** The same with the run's; where there is none, the first start makes its own. */
export function copyCluster(dataDir: string): void {
  const cluster = inject('cluster');
  if (cluster !== null) putCluster(cluster, dataDir);
}
