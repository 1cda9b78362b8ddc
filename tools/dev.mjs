// `npm run dev`: the server from its sources, started again when they change; widget and demo rebuilt when theirs do
// (reload the page to see it).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isBuildFresh, runBuild } from './build.mjs';
import { root } from './run.mjs';

if (!isBuildFresh()) await runBuild();
const bin = (name) => join(root, 'node_modules', '.bin', name);
const children = [
  [bin('vite'), ['build', '--watch', '-c', 'vite.widget.config.ts', '--logLevel', 'warn']],
  [bin('vite'), ['build', '--watch', '-c', 'vite.demo.config.ts', '--logLevel', 'warn']],
  [bin('tsx'), ['watch', '--clear-screen=false', '--include', './drizzle/migrations/**', 'server/main.ts']],
].map(([command, args]) => spawn(command, args, { cwd: root, stdio: 'inherit' }));

const stop = () => {
  for (const child of children) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
for (const child of children) {
  child.on('exit', (code) => {
    if (code) process.exitCode = code;
    stop();
  });
}
