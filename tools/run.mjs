// Runs the programs of this project, and the steps of a gate, saying what each took; stops where one fails.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a program of node_modules/.bin (or `node`); its output passes through. Resolves with the exit code. */
export function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(programOf(command), args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const programOf = (command) => (command === 'node' ? process.execPath : join(root, 'node_modules', '.bin', command));

/** The same, with what it said. */
function runHeld(command, args) {
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(programOf(command), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        said += chunk;
      });
    child.on('error', (error) => resolve({ code: 1, said: `${said}${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

/**
 * Runs lists of steps side by side, each list one step after the other; what a step says is told when it has ended. Begins
 * none after one that failed. Resolves with 1 where one did.
 */
export async function runSideBySide(...lists) {
  let failed = false;
  const runList = async (steps) => {
    for (const [what, command, ...args] of steps) {
      if (failed) return;
      const begun = Date.now();
      const { code, said } = await runHeld(command, args);
      const seconds = ((Date.now() - begun) / 1000).toFixed(1);
      process.stdout.write(`${said}${code === 0 ? 'ok  ' : 'FAIL'} ${what} (${seconds} s)\n`);
      if (code !== 0) failed = true;
    }
  };
  await Promise.all(lists.map(runList));
  return failed ? 1 : 0;
}
