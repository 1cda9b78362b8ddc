// `afterword backup`: everything that the database holds, as of one moment, in one file; while the server serves or not.
import { statSync } from 'node:fs';
import { parseConfig } from '../config.js';
import { counted } from '../counted.js';
import { describeAddress } from '../database/address.js';
import { attachDatabase } from '../database/attach.js';
import { pour, saveBackup } from '../database/backup/file.js';
import { BackupError, type Header } from '../database/backup/format.js';
import { readSchemas } from '../database/backup/schemas.js';
import { withBackup } from '../database/backup/write.js';
import { migrationsFolder, programVersion } from '../root.js';
import { secretFolderOf } from '../secrets/keeper.js';
import { readClosed } from '../secrets/sources.js';
import { type Command, type Context, Refusal, UsageError } from './command.js';
import { systemSays } from './in-words.js';
import { progressLine } from './progress.js';
import { mustHaveDatabase, placeOf } from './use-database.js';

const USAGE = `afterword backup [FILE]

Writes everything that the database holds, as of this moment, into FILE (afterword-DATE.backup in this folder, where none is
named); "-" is standard output. The server may run meanwhile, and nobody is held up. FILE is there when it is whole, and not
before; one of that name is replaced then.

  --without-secret    leaves out what signs the readers' tokens (where it is kept with the data): after a restore elsewhere
                      nobody is who they were

Keep the file as you keep the database: it holds names, texts and, as a rule, that secret.`;

export const backup: Command = {
  usage: USAGE,
  options: { 'without-secret': { type: 'boolean' } },
  words: 1,
  async run(context, { words: [given], options }) {
    const file = given ?? `afterword-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z.backup`;
    if (file === '-' && context.stdout.isTTY)
      throw new UsageError('A backup is not for a terminal: afterword backup - > FILE');
    if (file === '') throw new UsageError('The FILE has no name. See: afterword help backup');
    if (isFolder(file)) throw new Refusal(`${file} is a folder. Name a file in it.`);
    const config = parseConfig(context.env);
    mustHaveDatabase(config);
    const folder = migrationsFolder(context.root);
    // Not migrated: the backup before an upgrade is of the tables as they are.
    const database = await attachDatabase(placeOf(config, context.root), context.tell, {
      migrate: false,
      applicationName: 'afterword backup',
      signal: context.signal,
    });
    const progress = progressLine(context);
    try {
      const begun = performance.now();
      const header = await withBackup(
        {
          sql: database.sql,
          schemas: readSchemas(folder),
          version: programVersion(context.root),
          secret: (kept) => {
            if (options['without-secret'] === true || config.secret !== null || config.secretFile !== null) return null;
            const secretFolder = secretFolderOf(config);
            // A value in an embedded database is newer than the file: it was restored, and the server did not start since.
            return kept ?? (secretFolder === null ? null : readClosed(secretFolder));
          },
          progress: (table, rows, of) =>
            progress.show(`${table}: ${rows.toLocaleString('en')} of ${of.toLocaleString('en')}`),
        },
        async (described, text) => {
          if (file === '-') await pour(text, context.stdout, context.signal);
          else await saveBackup(file, text, context.signal);
          return described;
        },
      );
      progress.clear();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const from = describeAddress(database.url);
      context.tell(`Backup of ${from}: ${summary(header)}, in ${seconds} s. ${secretIn(header)}`);
      if (file !== '-') context.print(file);
      return 0;
    } catch (error) {
      progress.clear();
      throw inWords(error, file, context);
    } finally {
      await database.close();
    }
  },
};

/** What the owner recognises it by. */
export function summary({ tables, schema, version, created, postgres }: Header): string {
  const rows = (name: string, one: string): string =>
    counted(tables.find((table) => table.name === name)?.rows ?? 0, one, name);
  return `${rows('sites', 'site')}, ${rows('threads', 'thread')}, ${rows('replies', 'reply')}, as of ${created} (Afterword ${version}, tables of ${schema}, PostgreSQL ${postgres})`;
}

export function secretIn({ secret }: Header): string {
  return secret === null
    ? "It does not hold what signs the readers' tokens."
    : "It holds what signs the readers' tokens: keep it closed.";
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function inWords(error: unknown, file: string, { signal }: Context): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof BackupError) return new Refusal(error.message);
  const why = systemSays(error);
  if (why === null) return error;
  // Its name has the number of the process, which is the same each time in a container that is made for it.
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return new Refusal(`A backup that was interrupted left ${path}. Remove it, and start again.`);
  return new Refusal(
    file === '-' ? 'The backup is not whole.' : `${file} could not be written (${why}). Nothing of it was left.`,
  );
}
