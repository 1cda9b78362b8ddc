// Which secrets this node goes by. Owns choosing where they come from, and reading them again while the node runs, so that
// a rotation needs no restart.
import path from 'node:path';
import type { Clock, Timer } from '../clock.js';
import type { Config } from '../config.js';
import type { Sql } from '../database/connect.js';
import type { Log } from '../log.js';
import { onlySecret, READ_AGAIN_MS, type Secrets } from './secrets.js';
import { dataFile, ownFile, type SecretSource, sharedSetting } from './sources.js';

export interface SecretConfig extends Pick<Config, 'secret' | 'secretFile'> {
  /** Of the data folder; null where the database is shared, and with it the secret. */
  secretFolder: string | null;
}

export interface SecretKeeper {
  current(): Secrets;
  /** Begins to read them again. */
  start(): void;
  stop(): void;
}

export function secretFolderOf({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): string | null {
  return databaseUrl === null ? path.join(dataDir, 'secrets') : null;
}

/** The environment goes first, then the owner's file, then what we keep ourselves. */
export function secretSource({ secret, secretFile, secretFolder }: SecretConfig, sql: Sql): SecretSource {
  if (secret !== null) return { where: 'AFTERWORD_SECRET', read: async () => onlySecret(secret), replace: null };
  if (secretFile !== null) return ownFile(secretFile);
  return secretFolder === null ? sharedSetting(sql) : dataFile(secretFolder, sql);
}

/** Its message is for people, and holds no secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** Throws a SecretError where there is none that can be used. */
export function readFrom({ where, read }: SecretSource): Promise<Secrets> {
  return inWords(where, read);
}

/** Throws a SecretError where there is none to begin with. */
export function replaceIn(
  { where }: SecretSource,
  replace: NonNullable<SecretSource['replace']>,
  change: (secrets: Secrets) => Secrets,
): Promise<Secrets> {
  return inWords(where, () => replace(change));
}

async function inWords(where: string, use: () => Promise<Secrets>): Promise<Secrets> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof Error && 'syscall' in error)) throw error;
    throw new SecretError(
      `What signs the readers' tokens can't be read from ${where}: ${error.message}. Nothing was changed: with a new ` +
        'secret nobody would be who they were. Bring back what stood there, from a backup for example.',
    );
  }
}

/** Rejects with a SecretError where they can't be read now; later it goes on with what it has, and says so. */
export async function keepSecrets(source: SecretSource, clock: Clock, log: Log): Promise<SecretKeeper> {
  let secrets = await readFrom(source);
  let timer: Timer | null = null;
  let stopped = false;
  const again = async (): Promise<void> => {
    try {
      secrets = await source.read();
    } catch (error) {
      log.warn({ error }, `what signs the readers' tokens could not be read again from ${source.where}`);
    }
    if (!stopped) next();
  };
  const next = (): void => {
    timer = clock.setTimeout(() => void again(), READ_AGAIN_MS);
  };
  return {
    current: () => secrets,
    start: next,
    stop: () => {
      stopped = true;
      if (timer !== null) clock.clearTimeout(timer);
    },
  };
}
