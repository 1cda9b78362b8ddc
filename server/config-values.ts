// How values of variables are read from their text. Each gives undefined where the text is not what it takes; knows no
// variables, and quotes nothing, because an address may hold a password.
import { resolve } from 'node:path';
import { isEncoded, parseAddress } from './database/address.js';

/** As a file of settings may have it, of which Docker, for one, takes the quotes for a part of the value. */
export function isQuoted(text: string): boolean {
  return /^(["']).*\1$/s.test(text);
}

export function absolutePath(text: string): string | undefined {
  return text.includes('\0') || isQuoted(text) ? undefined : resolve(text);
}

export function hostName(text: string): string | undefined {
  return /^[\p{L}\p{N}._:%-]{1,253}$/u.test(text) ? text : undefined;
}

/** Without a slash at its end. */
export function publicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return undefined;
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** As it was given: see `parseAddress` for what becomes of it. */
export function databaseAddress(text: string): string | undefined {
  try {
    if (!/^\w+:\/\/\S*$/.test(text)) return undefined;
    parseAddress(text);
    return text;
  } catch {
    return undefined;
  }
}

export function redisAddress(text: string): string | undefined {
  if (!/^rediss?:\/\/\S*$/i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password } = new URL(text);
  return isEncoded(username) && isEncoded(password) ? text : undefined;
}
