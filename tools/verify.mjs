// `npm run verify`: the one gate before a commit lands. Everything but the tests.
import { runAll } from './run.mjs';

process.exitCode = await runAll([
  ['types', 'tsc', '--noEmit'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check'],
  ['build', 'node', 'tools/build.mjs'],
  ['unused code and dependencies', 'knip'],
  ['size budgets', 'size-limit'],
  ['custom elements manifest', 'node', 'tools/manifest.mjs', '--check'],
  ["the README's tables", 'node', 'tools/readme.mjs', '--check'],
  ['migrations', 'drizzle-kit', 'check'],
  ['schema and migrations agree', 'node', 'tools/migrations.mjs'],
  ['what is shipped', 'node', 'tools/sbom.mjs'],
  ['package', 'node', 'tools/package.mjs'],
]);
