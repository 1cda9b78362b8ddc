// The table of metrics in docs/operations.md and the board in docs/grafana.json say what there is.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { metricsTable, PrometheusMetrics } from '../../server/metrics/prometheus.js';

const metrics = new PrometheusMetrics({ version: '1.2.3', poolSize: 10 });
const read = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { h: number; w: number; x: number; y: number };
  targets?: { expr: string }[];
}
const board = JSON.parse(read('grafana.json')) as { panels: Panel[] };
const queries = board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

it('docs/operations.md has each metric as it is', () => {
  const [, table] = /<!-- metrics -->\n([^]*?)\n<!-- \/metrics -->/.exec(read('operations.md'))!;
  expect(table, 'run: npm run docs').toBe(metricsTable(metrics));
});

it('the board asks for nothing that /metrics does not show, with no label that it does not have', async () => {
  const text = await metrics.registry.metrics();
  const kinds = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]));
  const labels = new Map(
    (metrics.registry.getMetricsAsArray() as unknown as { name: string; labelNames?: string[] }[]).map(
      ({ name, labelNames = [] }) => [name, labelNames],
    ),
  );
  expect(queries.length).toBeGreaterThan(20);
  for (const query of queries) {
    const asked = [...query.matchAll(/\b(?:afterword|process|nodejs)_\w+/g)].map(([name]) => name);
    expect(asked, query).not.toEqual([]);
    for (const name of asked) {
      const base = kinds.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
      expect([...kinds.keys()], query).toContain(base);
      if (base !== name) expect(kinds.get(base), query).toBe('histogram');
      const given = [...(labels.get(base) ?? []), 'le', 'instance'];
      const used = [
        ...[...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', ')),
        ...[...query.matchAll(/(\w+)=~?"/g)].map(([, label]) => label!),
      ];
      expect(given, query).toEqual(expect.arrayContaining(used));
    }
  }
});

it('docs/operations.md watches for nothing that there is not', async () => {
  const text = await metrics.registry.metrics();
  const asked = new Set(read('operations.md').match(/\b(?:afterword|process|nodejs)_[a-z0-9_]+/g)!);
  for (const name of asked) {
    if (name.endsWith('_')) continue;
    expect(text, name).toMatch(new RegExp(`^# TYPE ${name.replace(/_(?:bucket|sum|count)$/, '')} `, 'm'));
  }
  expect(asked.size).toBeGreaterThan(20);
});

it('what alerts count the increase of is there from the start', async () => {
  const text = await metrics.registry.metrics();
  const counted = [...read('operations.md').matchAll(/increase\((\w+)\{(\w+="\w+")\}/g)];
  expect(counted.length).toBeGreaterThan(1);
  for (const [, name, label] of counted) expect(text).toMatch(new RegExp(`^${name}\\{.*${label}.*\\} 0$`, 'm'));
});

it('the board shows each of our metrics', () => {
  const ours = metricsTable(metrics).match(/afterword_\w+(?=` \| (?:counter|gauge|histogram))/g)!;
  for (const name of ours) expect(queries.join('\n')).toContain(name);
});

it('no two panels of the board lie over each other', () => {
  const cells = board.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
});
