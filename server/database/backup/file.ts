// The backup as a file. Owns compressing, bringing it to the disk whole or not at all, and who may read it: it holds what
// the database holds.
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { codeOf } from '../start-error.js';
import { BackupError } from './format.js';

const CHUNK = { chunkSize: 64 * 1024 };

/**
 * Writes it beside its place under a name of its own, brings it to the disk, and only then gives it its name: a file of
 * that name is always a whole backup. Nothing stays where it fails or is aborted.
 */
export async function saveBackup(file: string, text: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await pour(text, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }), signal);
    await rename(part, file);
    await syncFolder(path.dirname(path.resolve(file)));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') await rm(part, { force: true });
    throw error;
  }
}

/** Compressed. Standard output stays open behind it. */
export async function pour(text: AsyncIterable<Buffer>, to: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  await pipeline(Readable.from(text), createGzip(CHUNK), to, { signal, end: to !== process.stdout });
}

/** The text in the file. Whatever is wrong with its compression is told as a BackupError; a missing file as the system's. */
export async function* openBackup(file: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip(CHUNK);
  const filling = pipeline(createReadStream(file), gunzip).catch((error: unknown) => error);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw told((await filling) ?? error);
  } finally {
    gunzip.destroy();
  }
}

function told(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'Z_BUF_ERROR') return new BackupError('cut_off', 'It is cut off: its end is missing.', error);
  if (code?.startsWith('Z_') !== true) return error;
  const what = (error as Error).message.includes('header check')
    ? 'It is not a backup of Afterword.'
    : 'It is damaged.';
  return new BackupError(what.includes('not') ? 'not_a_backup' : 'damaged', what, error);
}

/** The new name must get to the disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
