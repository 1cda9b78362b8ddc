// `npm test`: builds what is stale, then runs every test, and ends with one line `N passed, N failed`.
// `npm test -- PATH...` runs some. Tests that need a server which this machine lacks are left out and named, and
// so is what some test could not do here.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isBuildFresh, runBuild } from './build.mjs';
import { root, run } from './run.mjs';
import { isCI, LEFT_OUT_FILE, leftOut, missingServices, notedAsLeftOut, SERVICES } from './services.mjs';

const report = join(root, 'tests', '.artifacts', 'report.json');
mkdirSync(dirname(report), { recursive: true });
rmSync(LEFT_OUT_FILE, { force: true });
if (!isBuildFresh()) await runBuild();
const code = await run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
// A file that could not be loaded, an unhandled error or a test left out has no failed test of its own: it counts.
const others = numTotalTests - numPassedTests - numFailedTests;
const failed = numFailedTests + others || (code === 0 && numTotalTests > 0 ? 0 : 1);
for (const service of missingServices()) {
  const files = leftOut([service]).map(({ file }) => file);
  const fate = isCI() ? 'failed' : 'left out';
  process.stdout.write(`${service} is missing (${SERVICES[service].program}): ${fate} ${files.join(', ')}\n`);
}
for (const what of notedAsLeftOut()) process.stdout.write(`left out: ${what}\n`);
process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || code !== 0 ? 1 : 0;
