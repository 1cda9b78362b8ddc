// The machine: Node.js, file handles, the data folder and what is kept in it.
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.js';
import { secretFolderOf } from '../secrets/keeper.js';
import { readSecrets } from '../secrets/secrets.js';
import { ownFile } from '../secrets/sources.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const NODE_OLDEST = [20, 19] as const;
/** A reader takes one. */
const HANDLES_FEW = 10_000;
const GIGABYTE = 1e9;
const SPACE_LOW = 2 * GIGABYTE;
const SPACE_NONE = 0.2 * GIGABYTE;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < NODE_OLDEST[0] || (major === NODE_OLDEST[0] && minor < NODE_OLDEST[1]);
  return isOld
    ? problem('Node.js', `It is ${version}.`, `Install ${NODE_OLDEST.join('.')} or later.`)
    : ok('Node.js', version);
}

/** `limits` is what /proc/self/limits says; null where there is none. */
export function checkHandles(limits: string | null): Finding {
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits ?? '') ?? [];
  if (hard === undefined) return ok('File handles', 'Their limit is not told here.');
  if (hard === 'unlimited' || Number(hard) >= HANDLES_FEW) return ok('File handles', `At most ${hard}.`);
  return warning(
    'File handles',
    `At most ${hard} are open at once, and each reader takes one.`,
    'Raise the limit: LimitNOFILE=65536 in a systemd unit, --ulimit nofile=65536 for a container, or ulimit -n.',
  );
}

export function limitsHere(): string | null {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
}

export function checkDataFolder({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Finding[] {
  const what = 'Data folder';
  if (databaseUrl !== null) return [ok(what, 'Not used: DATABASE_URL is set.')];
  // Where it is not there yet, the nearest folder above it is what it will be made in.
  let there = dataDir;
  while (!existsSync(there)) there = path.dirname(there);
  const another = 'or name another in AFTERWORD_DATA_DIR.';
  if (!statSync(there).isDirectory()) return [problem(what, `${there} is not a folder.`, `Move it, ${another}`)];
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return [problem(what, `${there} can't be written (${reasonOf(error)}).`, `Give this user the right, ${another}`)];
  }
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const made = there === dataDir ? 'has' : 'is made by the first start, and has';
  const says = `${dataDir} ${made} ${(free / GIGABYTE).toFixed(1)} GB free.`;
  const room = 'Make room: without any the database stops taking replies.';
  if (free < SPACE_NONE) return [problem(what, says, room)];
  return [free < SPACE_LOW ? warning(what, says, room) : ok(what, says)];
}

/** Looks, and makes nothing. */
export async function checkSecret(
  config: Pick<Config, 'secret' | 'secretFile' | 'databaseUrl' | 'dataDir'>,
): Promise<Finding> {
  const what = 'Secret';
  const { secret, secretFile } = config;
  if (secret !== null) return ok(what, 'AFTERWORD_SECRET signs the tokens.');
  if (secretFile !== null) {
    try {
      await ownFile(secretFile).read();
    } catch (error) {
      return problem(
        what,
        `${secretFile} can't be used: ${reasonOf(error)}.`,
        'Write a secret of at least 32 characters into it.',
      );
    }
    return openToOthers(what, secretFile, 'Its owner alone should read it: chmod 600.');
  }
  const folder = secretFolderOf(config);
  if (folder === null) return ok(what, 'It is kept in the database, for all nodes.');
  const file = path.join(folder, 'tokens');
  if (!existsSync(file)) return ok(what, 'It is made by the first start.');
  try {
    readSecrets(readFileSync(file, 'utf8').trim());
  } catch (error) {
    return problem(
      what,
      `${file} can't be used: ${reasonOf(error)}.`,
      'Bring back what stood there, from a backup for example: with a new secret nobody would be who they were.',
    );
  }
  return openToOthers(
    what,
    file,
    'The next start closes it again. Who could read it may have: afterword admin secret rotate',
  );
}

function openToOthers(what: string, file: string, todo: string): Finding {
  const mode = statSync(file).mode & 0o777;
  return (mode & 0o077) === 0
    ? ok(what, file)
    : warning(what, `${file} can be read by others (0${mode.toString(8)}).`, todo);
}
