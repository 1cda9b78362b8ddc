// What takes long on purpose, where the database ends what takes long: an operator sets that for the role (`afterword doctor` says so
// behind a pooler), and migrations, backups and restores come as the same role.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openBackup } from '../../server/database/backup/file.js';
import { restoreBackup } from '../../server/database/backup/restore.js';
import { readSchemas } from '../../server/database/backup/schemas.js';
import { withBackup } from '../../server/database/backup/write.js';
import { connect } from '../../server/database/connect.js';
import { migrateDatabase } from '../../server/database/migrate.js';
import {
  backupFolder,
  migrationsFolder,
  restoreTarget,
  takeBackup,
  type BackupFolder,
  type Target,
} from '../support/backups.js';

/** Also for machines that are busy; what is tried here takes longer. */
const BOUND_MS = 2_000;
const LONG_MS = BOUND_MS + 1_000;

let folder: BackupFolder;
let hurried: Target;
beforeEach(async () => {
  folder = backupFolder();
  hurried = await restoreTarget();
  const { sql, close } = connect({ url: hurried.url, max: 1 });
  const [{ it: place }] = await sql<[{ it: string }]>`
    select format('role %I in database %I', current_user, current_database()) as it`;
  for (const name of ['transaction_timeout', 'idle_in_transaction_session_timeout']) {
    await sql.unsafe(`alter ${place} set ${name} = ${BOUND_MS}`);
  }
  await close();
});
afterEach(async () => {
  await hurried.drop();
  folder.remove();
});

it('[PROC5] a backup is taken, and restored', async () => {
  await migrateDatabase({ url: hurried.url, migrationsFolder, log: () => {} });
  const { sql } = hurried;
  const options = { sql, schemas: readSchemas(migrationsFolder), version: '0.1.0', progress: () => {} };
  let bytes = 0;
  await withBackup({ ...options, secret: (kept) => kept }, async (_header, text) => {
    await pause(LONG_MS);
    for await (const piece of text) bytes += piece.length;
  });
  expect(bytes).toBeGreaterThan(0);
  const file = folder.file('all');
  await takeBackup(sql, file);
  const slow = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of openBackup(file)) {
      await pause(LONG_MS);
      yield piece;
    }
  };
  await restoreBackup({ sql, migrationsFolder, text: slow(), replace: true, progress: () => {} });
  expect(await sql`select id from sites`).toHaveLength(0);
}, 30_000);

it('a migration is finished', async () => {
  const slow = folder.file('migrations');
  cpSync(migrationsFolder, slow, { recursive: true });
  const [first] = (
    JSON.parse(readFileSync(join(slow, 'meta', '_journal.json'), 'utf8')) as { entries: { tag: string }[] }
  ).entries;
  const file = join(slow, `${first!.tag}.sql`);
  writeFileSync(file, `select pg_sleep(${LONG_MS / 1000});\n--> statement-breakpoint\n${readFileSync(file, 'utf8')}`);
  await migrateDatabase({ url: hurried.url, migrationsFolder: slow, log: () => {} });
  expect(await hurried.sql`select id from sites`).toHaveLength(0);
}, 30_000);
