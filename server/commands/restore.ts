// `afterword restore`: a backup into an empty database, or with --replace in the place of what is there.
import { parseConfig } from '../config.js';
import { describeAddress } from '../database/address.js';
import { attachDatabase } from '../database/attach.js';
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
import { unhurried } from '../database/unhurried.js';
import { codeOf } from '../database/start-error.js';
import { migrationsFolder } from '../root.js';
import { secretIn, summary } from './backup.js';
import { type Command, Refusal, UsageError } from './command.js';
import { databaseSays, systemSays } from './in-words.js';
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
  words: 1,
  async run(context, { words: [file], options }) {
    if (!file) throw new UsageError('afterword restore takes one FILE. See: afterword help restore');
    const config = parseConfig(context.env);
    const folder = migrationsFolder(context.root);
    const progress = progressLine(context);
    let size = 0;
    const checked = told(openBackup(file), context.signal, (bytes) => {
      size = bytes;
      progress.show(`Reading ${file}: ${Math.round(bytes / 1e6).toLocaleString('en')} MB…`);
    });
    const header = await checkBackup(checked, readSchemas(folder)).catch((error: unknown) => {
      progress.clear();
      throw inWords(error, file);
    });
    progress.clear();
    context.tell(`${file} is whole: ${summary(header)}. ${secretIn(header)}`);
    if (options['check'] === true) return 0;

    const database = await attachDatabase(placeOf(config, context.root), context.tell, {
      migrate: false,
      applicationName: RESTORE_NAME,
      signal: context.signal,
    }).catch((error: unknown) => {
      throw context.signal.aborted ? inWords(context.signal.reason, file) : error;
    });
    let isStored = false;
    try {
      const begun = performance.now();
      if (database.inUse) throw new RestoreRefused('A server is running on this data folder. Stop it first.');
      let loading = '';
      const held = await restoreBackup({
        sql: database.sql,
        migrationsFolder: folder,
        text: told(openBackup(file), context.signal, (bytes) =>
          progress.show(`Loading ${loading}: ${Math.floor((100 * bytes) / size)} % of all…`),
        ),
        replace: options['replace'] === true,
        progress: (table) => void (loading = table),
      });
      isStored = true;
      await migrateDatabase({
        url: database.url,
        migrationsFolder: folder,
        log: context.tell,
        signal: context.signal,
      });
      await database.sql.unsafe(`${await unhurried(database.sql, 'set')}; analyze`);
      progress.clear();
      if (held.sites > 0) context.tell(`Taken away: ${holding(held)}.`);
      if ((config.secret ?? config.secretFile) !== null && header.secret !== null)
        context.tell('AFTERWORD_SECRET or AFTERWORD_SECRET_FILE is set, and goes before the secret of the backup.');
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      context.print(`Restored into ${describeAddress(database.url)} in ${seconds} s: ${summary(header)}.`);
      return 0;
    } catch (error) {
      progress.clear();
      if (isStored)
        context.tell('The backup is stored; what comes after it failed, and can be done by the next start.');
      const why: unknown = context.signal.aborted ? context.signal.reason : error;
      throw isStored ? why : inWords(why, file);
    } finally {
      await database.close();
    }
  },
};

/** The text as it is read; ends with the signal's reason where somebody stops it. */
async function* told(
  text: AsyncIterable<Buffer>,
  signal: AbortSignal,
  show: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of text) {
    signal.throwIfAborted();
    bytes += piece.length;
    show(bytes);
    yield piece;
  }
}

function inWords(error: unknown, file: string): unknown {
  if (error instanceof BackupError) return new Refusal(`${file} can't be restored. ${error.message} ${UNCHANGED}`);
  if (error instanceof RestoreRefused) {
    const way =
      error.held === null ? '' : ' With --replace, all of that is taken away and the backup stands in its place.';
    return new Refusal(`${error.message} ${UNCHANGED}${way}`);
  }
  if (error instanceof Refusal) return new Refusal(`${error.message} ${UNCHANGED}`);
  const why = systemSays(error);
  if (why !== null) return new Refusal(`${file} can't be read (${why}). ${UNCHANGED}`);
  const refused = databaseSays(error);
  if (refused !== null) return new Refusal(`${refused} ${UNCHANGED}`);
  const code = codeOf(error);
  // PostgreSQL's class 22 and 23: a value or a row that can't be.
  if (code !== undefined && /^2[23]/.test(code)) {
    return new Refusal(`${file} can't be restored: ${(error as Error).message}. ${UNCHANGED}`);
  }
  return error;
}
