// How far something is, for a person who waits: one line that changes where there is a terminal, a line every ten seconds
// where there is none.
import type { Context } from './command.js';

const TERMINAL_MS = 100;
const LOG_MS = 10_000;

export interface Progress {
  show(text: string): void;
  /** Makes place for what is said next. */
  clear(): void;
}

export function progressLine({ stderr }: Pick<Context, 'stderr'>): Progress {
  const every = stderr.isTTY ? TERMINAL_MS : LOG_MS;
  // Nothing for what is over at once.
  let next = performance.now() + every;
  return {
    show(text) {
      if (performance.now() < next) return;
      next = performance.now() + every;
      stderr.write(stderr.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
    },
    clear() {
      if (stderr.isTTY) stderr.write('\r\u001b[2K');
    },
  };
}
