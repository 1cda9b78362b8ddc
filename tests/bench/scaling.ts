// How many readers it takes until what gives out: the model in model/, computed from what the other benchmarks measured, and
// played through. It measures nothing itself.
import type { Outcome } from './harness/report.js';
import { COLUMNS, scalingRows } from './model/table.js';

export async function scaling(): Promise<Outcome> {
  const notes = [
    'Computed from tests/bench/model/measured.json. What is assumed and extrapolated stands in docs/scaling.md.',
  ];
  return {
    table: { title: 'scaling: from a node to a hundred million readers', columns: COLUMNS, rows: scalingRows() },
    gates: [],
    notes,
  };
}
