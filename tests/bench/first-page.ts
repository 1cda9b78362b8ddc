// B6: does a page of a thread cost the same in a thread of a hundred replies and of a million?
//
// The product's own store is asked, one question after the other, for the first page, for page 1,000 and for a page
// deep down a branch, in each order. The threads are made so that the first page shows the same replies in each of them
// (programs/big-thread.ts): what grows is only what lies behind. All stand in one table, so that its indexes are as
// deep for the small as for the large. The baseline: 20 rows of the same thread, at random, by their primary key, with
// the columns of a page; what a page returns beyond 20 rows are the first answers below each.
//
// Buffers are pages of the database that the product's own statement touched, as the database explains it.
import { Latencies } from './harness/latencies.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import {
  interleave,
  ratio,
  remarks,
  sound,
  type Gate,
  type Comparison,
  type Round,
  type Run,
} from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import type { PagesApi, Question, Task, TaskResult } from './programs/pages.js';

const SORTS = ['oldest', 'newest', 'best'] as const;
const NAMES: Record<Question, string> = {
  first: 'first page',
  far: 'page 1,000',
  deep: 'deep branch',
  keys: '20 rows by key',
};

/** All tasks of a round, mixed in time: there is one contestant to a round, and its baseline is in it. */
type Rounds = Round<'all', TaskResult[]>[];

export async function firstPage(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const { sizes } = scale;
  const database = await bench.database.create('pages');
  const program = bench.start<PagesApi>('pages', 'server');
  try {
    say(`B6: filling threads of ${sizes.map((size) => size.toLocaleString('en-US')).join(', ')} replies`);
    await program.call('fill', { url: database, sizes });
    await bench.database.settle();
    const tasks = await program.call('possible', { tasks: tasksOf(sizes) });
    const rounds = await interleave(['all'], scale.rounds, async (_, round): Promise<Run<TaskResult[]>> => {
      say(`B6: round ${round + 1} of ${scale.rounds}, ${tasks.length} pages, ${scale.pageTimes} times each`);
      const { result, disturbance } = await watched(() =>
        program.call('time', { tasks, times: scale.pageTimes, seed: round + 1 }),
      );
      return { figures: result, void: [], disturbance };
    });
    return {
      table: {
        title: 'B6 pages: milliseconds of one question to the store, and what grows with the thread',
        columns: [
          'page',
          'order',
          'replies',
          'p50',
          'p99',
          'rows',
          'buffers',
          `p50 / ${label(sizes[0]!)}`,
          'p50 / 20 keys',
          'p50 / first page',
        ],
        rows: tasks.map((task) => rowOf(task, rounds, sizes)),
      },
      gates: gatesOf(tasks, rounds, sizes),
      notes: remarks(rounds, 'B6'),
    };
  } finally {
    await bench.end(program);
    await bench.database.drop('pages');
  }
}

function tasksOf(sizes: readonly number[]): Task[] {
  const pages = (['first', 'far', 'deep'] as const).flatMap((question) =>
    SORTS.flatMap((sort) => sizes.map((size) => ({ question, sort, size }))),
  );
  return [...pages, ...sizes.map((size) => ({ question: 'keys' as const, sort: 'oldest' as const, size }))];
}

const p50 =
  (task: Task) =>
  (results: TaskResult[]): number =>
    Latencies.merge([resultOf(task, results).latency]).summary().p50;

function resultOf({ question, sort, size }: Task, results: readonly TaskResult[]): TaskResult {
  return results.find((result) => result.question === question && result.sort === sort && result.size === size)!;
}

/** Two tasks of the same rounds. */
function between(task: Task, baseline: Task, rounds: Rounds): Comparison | null {
  const pairs = rounds.map(({ all }) => ({
    task: { ...all, figures: p50(task)(all.figures) },
    baseline: { ...all, figures: p50(baseline)(all.figures) },
  }));
  return ratio(pairs, 'task', 'baseline', (ms) => ms);
}

function rowOf(task: Task, rounds: Rounds, sizes: readonly number[]): string[] {
  const { question, sort, size } = task;
  const results = sound(rounds, 'all').map((figures) => resultOf(task, figures));
  const latency = Latencies.merge(results.map((result) => result.latency)).summary();
  const smallest = sizes[0]!;
  const against = (baseline: Task): string => formatRatio(between(task, baseline, rounds));
  return [
    NAMES[question],
    question === 'keys' ? '' : sort,
    size.toLocaleString('en-US'),
    figure(latency.p50),
    figure(latency.p99),
    String(results[0]!.rows),
    String(results[0]!.buffers),
    size === smallest || question === 'far' ? '' : against({ ...task, size: smallest }),
    question === 'keys' ? '' : against({ question: 'keys', sort: 'oldest', size }),
    question === 'far' ? against({ ...task, question: 'first' }) : '',
  ];
}

function gatesOf(tasks: readonly Task[], rounds: Rounds, sizes: readonly number[]): Gate[] {
  const smallest = sizes[0]!;
  const largest = sizes.at(-1)!;
  return SORTS.flatMap((sort) => {
    const growth = (question: Question): Gate => ({
      name: `B6 ${NAMES[question]}, ${sort}: ${label(largest)} / ${label(smallest)} replies, p50`,
      limit: 1.5,
      aim: 1.15,
      ratio: between({ question, sort, size: largest }, { question, sort, size: smallest }, rounds),
    });
    const hasFar = tasks.some(({ question, size }) => question === 'far' && size === largest);
    const far = { question: 'far', sort, size: largest } as const;
    return [
      growth('first'),
      growth('deep'),
      ...(hasFar
        ? [
            {
              name: `B6 page 1,000 / first page, ${sort}, ${label(largest)} replies, p50`,
              aim: 1.2,
              ratio: between(far, { ...far, question: 'first' }, rounds),
            },
          ]
        : []),
    ];
  });
}

/** 10^6 for a million. */
function label(size: number): string {
  const power = Math.log10(size);
  return Number.isInteger(power) ? `10^${power}` : size.toLocaleString('en-US');
}
