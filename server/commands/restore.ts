// `afterword restore`: a backup into an empty database, or with --replace in the place of what is there.
import { parseConfig } from '../config.js';
import { describeAddress } from '../database/address.js';
import { attachDatabase, type AttachedDatabase } from '../database/attach.js';
import { openBackup } from '../database/backup/file.js';
import { BackupError } from '../database/backup/format.js';
import {
  checkBackup,
  inWords as holding,
  restoreBackup,
  RestoreRefused,
  RESTORE_NAME,
} from '../database/backup/restore.js';
import { readSchemas } from '../database/backup/schemas.js';
import { migrateDatabase } from '../database/migrate.js';
import { codeOf } from '../database/start-error.js';
import { migrationsFolder } from '../root.js';
import { secretIn, summary } from './backup.js';
import { type Command, Refusal, UsageError } from './command.js';
import { progressLine } from './progress.js';
import { placeOf } from './use-database.js';

const USAGE = `afterword restore FILE

Puts a backup into the database that the environment names, all of it or nothing: an empty one, with no server running on
it. The file is read through and checked before anything is changed. A backup of an earlier version is brought to this one's
tables. Readers who come back get the discussion as it is then.

  --replace    takes away what the database holds, and puts the backup in its place
  --check      reads the file through, says what it holds, and does nothing else

Restore only what you trust as you trust the database: texts in it are shown to readers as they are.`;

const UNCHANGED = 'Nothing was changed.';

export const restore: Command = {
  usage: USAGE,
  options: { replace: { type: 'boolean' }, check: { type: 'boolean' } },
  async run(context, { words: [file, more], options }) {
    if (file === undefined || more !== undefined)
      throw new UsageError('afterword restore takes one FILE. See: afterword help restore');
    const config = parseConfig(context.env);
    const folder = migrationsFolder(context.root);
    const header = await checkBackup(openBackup(file), readSchemas(folder)).catch((error: unknown) => {
      throw inWords(error, file);
    });
    context.tell(`${file} is whole: ${summary(header)}. ${secretIn(header)}`);
    if (options['check'] === true) return 0;

    const database = await attachDatabase(placeOf(config, context.root), context.tell, {
      migrate: false,
      applicationName: RESTORE_NAME,
    });
    const progress = progressLine(context);
    const stop = (): void => void database.sql.end({ timeout: 0 });
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      const begun = performance.now();
      const held = await restoreInto(database, file, folder, options['replace'] === true, progress.show);
      // What is stored is committed: it is finished even where somebody loses patience.
      context.signal.removeEventListener('abort', stop);
      await migrateDatabase({ url: database.url, migrationsFolder: folder, log: context.tell });
      await database.sql.unsafe('set statement_timeout = 0; analyze');
      progress.clear();
      if (held.sites > 0) context.tell(`Taken away: ${holding(held)}.`);
      if ((config.secret ?? config.secretFile) !== null && header.secret !== null)
        context.tell('AFTERWORD_SECRET or AFTERWORD_SECRET_FILE is set, and goes before the secret of the backup.');
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      context.print(`Restored into ${describeAddress(database.url)} in ${seconds} s: ${summary(header)}.`);
      return 0;
    } catch (error) {
      progress.clear();
      throw context.signal.aborted
        ? new Refusal(`${(context.signal.reason as Error).message} ${UNCHANGED}`)
        : inWords(error, file);
    } finally {
      await database.close();
    }
  },
};

async function restoreInto(
  database: AttachedDatabase,
  file: string,
  folder: string,
  replace: boolean,
  show: (text: string) => void,
) {
  if (database.inUse) throw new RestoreRefused('A server is running on this data folder. Stop it first.');
  return await restoreBackup({
    sql: database.sql,
    migrationsFolder: folder,
    text: openBackup(file),
    replace,
    progress: (table, of) => show(`${table}: ${of.toLocaleString('en')} rows…`),
  });
}

function inWords(error: unknown, file: string): unknown {
  if (error instanceof BackupError) return new Refusal(`${file} can't be restored. ${error.message} ${UNCHANGED}`);
  if (error instanceof RestoreRefused) {
    const way =
      error.held === null ? '' : ' With --replace, all of that is taken away and the backup stands in its place.';
    return new Refusal(`${error.message} ${UNCHANGED}${way}`);
  }
  const code = codeOf(error);
  if (code !== undefined && 'syscall' in (error as Error))
    return new Refusal(`${file} can't be read (${code}). ${UNCHANGED}`);
  // PostgreSQL's class 22 and 23: a value or a row that can't be.
  if (code !== undefined && /^2[23]/.test(code)) {
    return new Refusal(`${file} can't be restored: ${(error as Error).message}. ${UNCHANGED}`);
  }
  return error;
}
