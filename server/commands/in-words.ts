// What the system and the database say when something can't be done, in words: a person reads them, and there is no fault of the
// program to look for.
import { codeOf } from '../database/start-error.js';

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EDQUOT: 'the disk has no room for this user',
  EFBIG: 'no file may be that large',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'what should be a folder on the way is none',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
};

/** `the disk is full, ENOSPC`; null: not an error of a file. */
export function systemSays(error: unknown): string | null {
  const code = codeOf(error);
  if (code === undefined || !/^E[A-Z]+$/.test(code) || !('syscall' in (error as Error))) return null;
  return Object.hasOwn(SYSTEM, code) ? `${SYSTEM[code]}, ${code}` : code;
}

/**
 * A sentence about what the database refuses for reasons of its own: rights (42501), a read-only one (25006), a table that
 * others hold (55P03), no room or no connections (class 53), being stopped (class 57), a line that broke. null: anything else.
 */
export function databaseSays(error: unknown): string | null {
  const code = codeOf(error);
  if (code === undefined) return null;
  const { message } = error as Error;
  if (code.startsWith('CONNECTION_')) return `The connection to the database was lost (${message}).`;
  if (!/^(?:42501|25006|55P03|53\w{3}|57\w{3})$/.test(code)) return null;
  const way = code === '42501' ? ' Use the user that the server uses, or give this one the right.' : '';
  return `The database refuses (${message}).${way}`;
}
