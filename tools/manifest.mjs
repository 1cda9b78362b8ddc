// Writes custom-elements.json from the elements' comments; with --check fails where the checked-in one is stale, so
// that a public attribute can't change unseen.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const kept = join(root, 'custom-elements.json');
const folder = mkdtempSync(join(root, 'node_modules', '.manifest-'));
try {
  const outdir = folder.slice(root.length + 1);
  execFileSync(
    join(root, 'node_modules', '.bin', 'custom-elements-manifest'),
    ['analyze', '--config', 'tools/cem.config.mjs', '--outdir', outdir, '--quiet'],
    { cwd: root, stdio: 'pipe' },
  );
  const made = readFileSync(join(folder, 'custom-elements.json'), 'utf8');
  if (!process.argv.includes('--check')) writeFileSync(kept, made);
  else if (readFileSync(kept, 'utf8') !== made) {
    process.stderr.write('custom-elements.json is stale. Run: node tools/manifest.mjs\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
