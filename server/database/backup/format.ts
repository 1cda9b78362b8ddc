// What a backup looks like. Owns its lines and the error for one that can't be used; writes and reads no file.
//
// A gzip of text: a first line with what it holds; for each table one `copy` statement and its rows as PostgreSQL's text
// format writes them, up to `\.`; a last line with the SHA-256 of everything before it. `psql` could load that text into
// empty tables; we never execute anything of it.
import { z } from 'zod';
import { SECRET_SETTING } from '../secret-setting.js';
import type { TableShape } from './schemas.js';

export const FORMAT = 1;
const FIRST = '-- afterword backup ';
const LAST = '-- end ';
export const END_OF_ROWS = '\\.\n';

const count = z.int().min(0);
const Header = z.strictObject({
  format: z.literal(FORMAT),
  /** Of the program that made it. */
  version: z.string().max(64),
  created: z.iso.datetime(),
  /** The PostgreSQL that it was read from. */
  postgres: z.string().max(64),
  /** The last migration's name. */
  schema: z.string().max(128),
  tables: z.array(z.strictObject({ name: z.string().max(63), rows: count })).max(256),
  /** What signs the readers' tokens, as it is kept; null where it is not in the backup. */
  secret: z.string().max(16_384).nullable(),
});
export type Header = z.infer<typeof Header>;

const Footer = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export type BackupFailure = 'not_a_backup' | 'cut_off' | 'damaged' | 'newer' | 'other';

/** Its message is for people: what is wrong with the file. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly failure: BackupFailure;

  constructor(failure: BackupFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export function firstLine(header: Header): string {
  return `${FIRST}${JSON.stringify(header)}\n`;
}

export function lastLine(sha256: string): string {
  return `${LAST}${JSON.stringify({ sha256 })}\n`;
}

/** Throws `not_a_backup`, `damaged`, or `newer` where a later program made it. */
export function readFirstLine(line: string): Header {
  if (!line.startsWith(FIRST)) throw new BackupError('not_a_backup', 'It is not a backup of Afterword.');
  const content = json(line.slice(FIRST.length));
  const { format, version } = z
    .looseObject({ format: z.number(), version: z.string() })
    .catch({ format: 0, version: '' })
    .parse(content);
  if (format > FORMAT) {
    throw new BackupError(
      'newer',
      `It was made by Afterword ${JSON.stringify(version)} in a newer format than this program reads.`,
    );
  }
  const header = Header.safeParse(content);
  if (!header.success) throw new BackupError('damaged', 'Its first line is damaged.');
  return header.data;
}

/** Returns the checksum. */
export function readLastLine(line: string): string {
  const footer = Footer.safeParse(line.startsWith(LAST) ? json(line.slice(LAST.length)) : null);
  if (!footer.success) throw new BackupError('damaged', 'Its last line is damaged.');
  return footer.data.sha256;
}

export function copyFrom({ name, columns }: TableShape): string {
  return `copy ${columnsOf(name, columns)} from stdin;\n`;
}

/** The installation's secret is not among the settings: whether it is in the backup is chosen, and told by the header. */
export function copyTo({ name, columns }: TableShape): string {
  if (name !== 'settings') return `copy ${columnsOf(name, columns)} to stdout`;
  return `copy (select ${columns.map(quoted).join(', ')} from settings where name <> '${SECRET_SETTING}') to stdout`;
}

function columnsOf(name: string, columns: readonly string[]): string {
  return `${quoted(name)} (${columns.map(quoted).join(', ')})`;
}

/** How many rows end in it: PostgreSQL's text format writes a line's end inside of a value as `\\n`. */
export function rowsIn(piece: Buffer): number {
  let rows = 0;
  for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, end + 1)) rows += 1;
  return rows;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
