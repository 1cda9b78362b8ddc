// Builds everything that is shipped: the widget, the demo pages and the server, into dist/.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Written last: a build that was cut off does not count. */
const stamp = join(root, 'dist', '.built');
const sources = [
  'server',
  'widget',
  'shared',
  'drizzle',
  'demo',
  'package.json',
  'package-lock.json',
  'tools/lean-lit.ts',
  'tools/widget-parts.ts',
  'tools/mended-postgres.ts',
];
const steps = [
  ['the widget', 'vite.widget.config.ts'],
  ['the demo pages', 'vite.demo.config.ts'],
  ['the server', 'vite.server.config.ts'],
];

/** Whether dist/ is complete and no source is newer. In a package without sources it always is. */
export function isBuildFresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const configs = readdirSync(root).filter((name) => /^vite\..*\.config\.ts$/.test(name));
  if (configs.length === 0) return true;
  return [...sources, ...configs].every((source) => newest(join(root, source)) <= built);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

/** Builds all of it; ends the process with the builder's words where a step fails. */
export async function runBuild() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite)) {
    process.stderr.write('The build tools are not installed. Run `npm ci` (without --omit=dev) first.\n');
    process.exit(1);
  }
  rmSync(stamp, { force: true });
  const begun = Date.now();
  for (const [what, config] of steps) {
    process.stderr.write(`  ${what}… `);
    const from = Date.now();
    await run(process.execPath, [vite, 'build', '-c', config, '--logLevel', 'warn']);
    process.stderr.write(`${((Date.now() - from) / 1000).toFixed(1)} s\n`);
  }
  for (const folder of ['widget', join('demo', 'assets')]) precompress(join(root, 'dist', folder));
  writeFileSync(stamp, `${new Date().toISOString()}\n`);
  process.stderr.write(`Built in ${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
}

/** As small as can be, once, beside each file: the server sends these to whoever takes them. */
function precompress(folder) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const content = readFileSync(file);
    writeFileSync(
      `${file}.br`,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    );
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

function run(command, args) {
  return new Promise((resolve) => {
    let output = '';
    // Whoever asks: what is built in a test run is what is shipped.
    const env = { ...process.env, NODE_ENV: 'production' };
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      process.stderr.write(`failed\n${output}\nThe build failed; nothing that was stored is touched.\n`);
      process.exit(1);
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await runBuild();
