// Fails where drizzle/schema.ts says something that no migration does yet.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

// Inside the project, so that drizzle-kit finds its packages.
const folder = mkdtempSync(join(root, 'node_modules', '.migrations-'));
try {
  const out = join(folder, 'migrations');
  cpSync(join(root, 'drizzle', 'migrations'), out, { recursive: true });
  const before = readdirSync(out).length;
  const config = join(folder, 'drizzle.config.json');
  const relative = (path) => path.slice(root.length + 1);
  writeFileSync(config, JSON.stringify({ dialect: 'postgresql', schema: './drizzle/schema.ts', out: relative(out) }));
  execFileSync(join(root, 'node_modules', '.bin', 'drizzle-kit'), ['generate', '--config', relative(config)], {
    cwd: root,
    stdio: 'pipe',
  });
  if (readdirSync(out).length > before) {
    process.stderr.write('The schema has changes without a migration. Run: npm run db:generate\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
