#!/usr/bin/env node
// The command `afterword`, and `npm start`: builds what is missing or older than its sources, then runs what was asked for
// in this process. Knows only whether to serve; every other command is server/commands/.
import { readFileSync } from 'node:fs';
import { isBuildFresh, runBuild } from './build.mjs';

// npm only warns of it, and what an older one lacks shows at the first reply or never.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const oldest = engines.node.replace('>=', '');
const { node } = process.versions;
if (oldest.localeCompare(node, 'en', { numeric: true }) > 0) {
  process.stderr.write(`Afterword needs Node.js ${oldest} or later; this is ${node} (${process.execPath}).\n`);
  process.exit(1);
}

const [command = 'start', ...rest] = process.argv.slice(2);
// Progress goes to standard error: standard output is for what was asked for.
if (!isBuildFresh()) {
  process.stderr.write('Building Afterword (first start, or its sources changed)…\n');
  await runBuild();
}
if (command === 'start' && rest.length === 0) await import('../dist/server/main.js');
else await import('../dist/server/commands.js');
