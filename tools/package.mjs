// Looks at the package as it would be published: what is in it, where its documents lead, and what publint says of it. With
// --release (`prepublishOnly`) also at what npm asks of a release. Refuses with 1, naming each.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { lacksForProvenance, lacksOf } from './package-lacks.mjs';
import { root } from './run.mjs';

const json = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }));
const files = packed.files.map(({ path }) => path);
const manifest = json('package.json');
const bill = existsSync(join(root, 'dist/sbom.cdx.json')) ? json('dist/sbom.cdx.json') : null;
const dead = files.filter((file) => file.endsWith('.md')).flatMap(deadLinks);
const asked = process.env.npm_config_provenance === 'true';
const lacks = [
  ...lacksOf({ files, bill, version: manifest.version }),
  ...dead.map((link) => `a link that leads out of the package: ${link}`),
  ...(process.argv.includes('--release') ? lacksForProvenance(manifest, asked) : []),
];
for (const lack of lacks) process.stderr.write(`${lack}\n`);
if (lacks.length > 0) process.exitCode = 1;
execFileSync('node_modules/.bin/publint', ['--strict'], { cwd: root, stdio: 'inherit' });

function deadLinks(document) {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/\]\((?!\w+:)([^)\s#]+)/g)]
    .map(([, link]) => posix.join(posix.dirname(document), link))
    .filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`)))
    .map((target) => `${document} to ${target}`);
}
