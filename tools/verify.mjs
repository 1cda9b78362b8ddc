// `npm run verify`: the one gate before a commit lands. Everything but the tests. What looks at the sources stands beside what
// builds and looks at the build.
import { runSideBySide } from './run.mjs';

process.exitCode = await runSideBySide(
  [
    ['types', 'tsc', '--noEmit'],
    ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
    ['format', 'oxfmt', '--check'],
    ['unused code and dependencies', 'knip'],
    ['migrations', 'drizzle-kit', 'check'],
    ['schema and migrations agree', 'node', 'tools/migrations.mjs'],
  ],
  [
    ['build', 'node', 'tools/build.mjs'],
    ['size budgets', 'size-limit'],
    ['custom elements manifest', 'node', 'tools/manifest.mjs', '--check'],
    ["the README's tables", 'node', 'tools/readme.mjs', '--check'],
    ['what is shipped', 'node', 'tools/sbom.mjs'],
    ['package', 'node', 'tools/package.mjs'],
  ],
);
