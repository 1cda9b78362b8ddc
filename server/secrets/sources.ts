// Where the secrets are kept: in a file of the data folder beside an embedded database, in the database that several nodes
// share, or in a file of the owner's. Owns reading and replacing them there, and who may read the file.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Sql } from '../database/connect.js';
import { SECRET_SETTING } from '../database/secret-setting.js';
import { codeOf } from '../database/start-error.js';
import { newSecret, readSecrets, type Secrets, secretsOfLines, writeSecrets } from './secrets.js';

export interface SecretSource {
  /** Where it is, for people. */
  where: string;
  read(): Promise<Secrets>;
  /** Null where they are the owner's to change. */
  replace: ((change: (secrets: Secrets) => Secrets) => Promise<Secrets>) | null;
}

const FILE = 'tokens';

/** One secret a line, in the owner's keeping. */
export function ownFile(file: string): SecretSource {
  return { where: file, read: async () => secretsOfLines(readFileSync(file, 'utf8')), replace: null };
}

/** The setting that all nodes of a database share; made by the first who asks. */
export function sharedSetting(sql: Sql): SecretSource {
  const read = async (): Promise<Secrets> => {
    await sql`insert into settings (name, value) values (${SECRET_SETTING}, ${newSecret()}) on conflict do nothing`;
    return readSecrets((await settingOf(sql))!);
  };
  return {
    where: 'the database',
    read,
    replace: async (change) => {
      await read();
      return await sql.begin(async (tx) => {
        const [row] = await tx<[{ value: string }]>`
          select value from settings where name = ${SECRET_SETTING} for update`;
        const changed = change(readSecrets(row.value));
        await tx`update settings set value = ${writeSecrets(changed)} where name = ${SECRET_SETTING}`;
        return changed;
      });
    },
  };
}

/**
 * The data folder's own file, open to nobody else; made when it is first read. What the embedded database keeps (from an
 * earlier version, or from a backup that was restored into it) takes its place and is removed there.
 */
export function dataFile(folder: string, sql: Sql): SecretSource {
  const file = path.join(folder, FILE);
  const read = async (): Promise<Secrets> => {
    const moved = await settingOf(sql);
    if (moved !== null) {
      writeClosed(folder, moved);
      await sql`delete from settings where name = ${SECRET_SETTING} and value = ${moved}`;
    }
    const text = readClosed(folder);
    if (text === null) writeClosed(folder, newSecret());
    return readSecrets(text ?? readClosed(folder)!);
  };
  const replace: SecretSource['replace'] = async (change) => {
    const changed = change(await read());
    writeClosed(folder, writeSecrets(changed));
    return changed;
  };
  return { where: file, read, replace };
}

/** What stands in the data folder's file, for a backup; null where there is none. Others who could read it can't any more. */
export function readClosed(folder: string): string | null {
  const file = path.join(folder, FILE);
  try {
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all, and on the disk when it returns. */
function writeClosed(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const part = path.join(folder, `${FILE}.${process.pid}.part`);
  const handle = openSync(part, 'w', 0o600);
  try {
    writeSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, path.join(folder, FILE));
  const above = openSync(folder, 'r');
  fsyncSync(above);
  closeSync(above);
}

async function settingOf(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ value: string }[]>`select value from settings where name = ${SECRET_SETTING}`;
  return row?.value ?? null;
}
