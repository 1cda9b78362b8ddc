#!/usr/bin/env node
// `npm start`: builds what is missing or older than its sources, then runs the server in this process.
import { isBuildFresh, runBuild } from './build.mjs';

// Progress goes to standard error: standard output is for the ready line.
if (!isBuildFresh()) {
  process.stderr.write('Building Afterword (first start, or its sources changed)…\n');
  await runBuild();
}
await import('../dist/server/main.js');
