// Takes a lock only where it is to be had at once, again and again. A statement that waits for a table makes everybody
// wait who comes after it, so it must not wait for long, however long others hold the table.
import type { Sql } from './connect.js';

/** Milliseconds that a migration waits for one lock, and so the most that it makes others wait before it has it. */
export const LOCK_MS = 200;
/** Pauses between two attempts grow to this: whoever was held up gets through meanwhile. */
const PAUSE_MAX_MS = 2_000;
const TELL_EVERY = 10;
/** SQLSTATE: lock_not_available; deadlock_detected, which ends one of the two, and that may be us. */
const NOT_NOW = ['55P03', '40P01'];

/**
 * Runs `action` in a transaction whose locks are waited for shortly; where one is not to be had, everything is undone and
 * tried again, without end: a start that waits can be seen and stopped, a schema that is left half way can't be used.
 */
export async function withShortLocks<T>(
  sql: Sql,
  log: (message: string) => void,
  action: (tx: Sql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await sql.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${`${LOCK_MS}ms`}, true)`;
        return { of: await action(tx as unknown as Sql) };
      });
      return (result as { of: T }).of;
    } catch (error) {
      if (!NOT_NOW.includes((error as { code?: string }).code ?? '')) throw error;
      if (attempt % TELL_EVERY === 0) {
        log(`A migration waits for a table that others hold (attempt ${attempt}). Long transactions hinder it.`);
      }
      await pause(Math.min(PAUSE_MAX_MS, 50 * 1.5 ** attempt) * (0.5 + Math.random() / 2));
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
