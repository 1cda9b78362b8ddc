// Looks at the package as it would be published: what is in it, where its documents lead, and what publint says of it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from './run.mjs';

const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }));
const files = packed.files.map(({ path }) => path);
const needed = [
  'dist/server/main.js',
  'dist/server/commands.js',
  'dist/widget/afterword.js',
  'dist/demo/index.html',
  'drizzle/migrations/meta/_journal.json',
  'tools/afterword.mjs',
  'tools/build.mjs',
  'README.md',
  'LICENSE',
];
const missing = needed.filter((file) => !files.includes(file));
const strangers = files.filter((file) => /^(tests|server|widget|shared|data)\//.test(file) || file.endsWith('.map'));
const dead = files.filter((file) => file.endsWith('.md')).flatMap(deadLinks);
if (missing.length + strangers.length + dead.length > 0) {
  process.stderr.write(
    `missing from the package: ${missing.join(' ') || '-'}\nnot to be in it: ${strangers.join(' ') || '-'}\n` +
      `links that lead out of it: ${dead.join(', ') || '-'}\n`,
  );
  process.exitCode = 1;
}
execFileSync('node_modules/.bin/publint', ['--strict'], { cwd: root, stdio: 'inherit' });

function deadLinks(document) {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/\]\((?!\w+:)([^)\s#]+)/g)]
    .map(([, link]) => posix.join(posix.dirname(document), link))
    .filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`)))
    .map((target) => `${document} to ${target}`);
}
