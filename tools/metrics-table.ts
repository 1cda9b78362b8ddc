// Writes the table of metrics into docs/operations.md, between its `metrics` marks. A test fails when it is stale.
// Run: npx tsx tools/metrics-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { metricsTable, PrometheusMetrics } from '../server/metrics/prometheus.js';

const document = new URL('../docs/operations.md', import.meta.url);
const table = metricsTable(new PrometheusMetrics({ version: '', poolSize: 0 }));
writeFileSync(
  document,
  readFileSync(document, 'utf8').replace(
    /(<!-- metrics -->\n)[^]*?(<!-- \/metrics -->)/,
    (_whole, from: string, to: string) => `${from}${table}\n${to}`,
  ),
);
