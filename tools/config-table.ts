// Writes the table of environment variables into the README, between its `config` marks. A test fails when it is stale.
// Run: npx tsx tools/config-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { configTable } from '../server/config.js';

const readme = new URL('../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const marks = /(<!-- config -->\n)[^]*?(<!-- \/config -->)/;
if (!marks.test(text)) {
  process.stderr.write(
    'README.md has no place for the table: put <!-- config --> and <!-- /config --> on lines of their own.\n',
  );
  process.exit(1);
}
const table = configTable();
writeFileSync(
  readme,
  text.replace(marks, (_whole, from: string, to: string) => `${from}${table}\n${to}`),
);
