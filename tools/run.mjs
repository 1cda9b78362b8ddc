// Runs the steps of a gate one after the other, saying what each took; stops at the first that fails.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a program of node_modules/.bin (or `node`); its output passes through. Resolves with the exit code. */
export function run(command, args, env = {}) {
  const program = command === 'node' ? process.execPath : join(root, 'node_modules', '.bin', command);
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

export async function runAll(steps) {
  for (const [what, command, ...args] of steps) {
    const begun = Date.now();
    const code = await run(command, args);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${what} (${seconds} s)\n`);
    if (code !== 0) return 1;
  }
  return 0;
}
