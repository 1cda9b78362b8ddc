// A program that ends when we do, however we end. Owns the shell that stands between: it holds the reading end of a pipe
// from us, and end of file means that we are gone (or that we ask), on which it interrupts the program until it ends.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Account, startAs } from './account.js';

export interface TiedProcess {
  /** Settles when the program has ended, with its exit code (128 and more: by a signal). Never rejects. */
  exited: Promise<number>;
  /** The last lines it wrote, for the message of a failure. */
  lastLines: () => string[];
  /** Interrupts the program, which for PostgreSQL means a fast, clean shutdown. */
  end: () => void;
}

/**
 * The program runs in the background so that `wait` can return its code; there an interrupt is ignored until the
 * program has its own handler, hence the repetition. Its watcher ignores interrupts like the shell and so is killed.
 */
const SHELL = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
trap "" INT TERM HUP
( read -r _ <&3; while kill -INT $program 2>/dev/null; do sleep 1; done ) >/dev/null 2>&1 &
watcher=$!
wait $program
code=$?
kill -KILL $watcher 2>/dev/null
exit $code
`;

/** The shell's own code where there is no such program, or a library of it is missing. */
const CANNOT_RUN = 127;
const KILLED = 137;

/** For `sleep` and `setpriv`. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LINES_KEPT = 20;
/** What was written last may arrive after the exit; a grandchild that lives on would keep us waiting for ever. */
const LAST_WORDS_MS = 250;

/**
 * Starts `command` as `account`, in a session of its own: Ctrl-C in the terminal reaches us and not the program.
 * `onLine` gets each line that it writes.
 */
export function spawnTied(command: string[], account: Account | null, onLine: (line: string) => void): TiedProcess {
  const lines: string[] = [];
  const start = startAs(account, ['/bin/sh', '-c', SHELL, 'sh', ...command]);
  const [program = '', ...words] = start.command;
  const child = spawn(program, words, {
    ...start.ids,
    cwd: '/',
    // Nothing of our environment: it may hold secrets, and PGPORT and the like change what programs do.
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const keep = (line: string): void => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', keep);
  // The shell may be gone when we close the pipe.
  child.stdin.on('error', () => {});

  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const exited = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      keep(error.message);
      resolve(CANNOT_RUN);
    });
    child.once('exit', (code) => {
      const lastWords = pause(LAST_WORDS_MS, undefined, { ref: false });
      void Promise.race([closed, lastWords]).then(() => resolve(code ?? KILLED));
    });
  });
  return { exited, lastLines: () => [...lines], end: () => child.stdin.end() };
}
