// Makes and recognises ids. Works where `crypto.randomUUID` is missing (plain http pages).

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix time in milliseconds, then 74 random bits. Sorts roughly by time, which
 * keeps the primary key's index dense; nothing may rely on that order (SEQ5).
 */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // An array of bytes takes of each number its lowest eight bits before the point.
  for (let i = 0; i < 6; i++) bytes[i] = now / 2 ** (40 - 8 * i);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Whether it is a UUID of any version, in either case. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** Stands for "no thread yet" and "no epoch yet" in an answer about a thread that nobody has joined. */
export const NIL_ID = '00000000-0000-0000-0000-000000000000';
