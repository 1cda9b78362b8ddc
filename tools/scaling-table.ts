// Writes the table of the model of many readers into docs/scaling.md, between its `scaling` marks. A test fails when it is
// stale. Run: npx tsx tools/scaling-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { scalingTable } from '../tests/bench/model/table.js';

const file = new URL('../docs/scaling.md', import.meta.url);
const marks = /(<!-- scaling -->\n)[^]*?(<!-- \/scaling -->)/;
writeFileSync(
  file,
  readFileSync(file, 'utf8').replace(
    marks,
    (_whole, from: string, to: string) => `${from}\n${scalingTable()}\n\n${to}`,
  ),
);
