// B12: is a discussion of ten thousand replies usable as soon as one of a thousand, and can all of it be reached?
//
// Both threads show the same first page (programs/big-thread.ts), so that only what lies behind differs. "Usable": the
// first page is painted, the line is live and the composer is there; slow phone and line as in B10. Then, on a fast
// machine, one reader presses `Show more` to the end of the list: what a press takes at the end, with everything
// mounted, is beside what the first ones took.
import type { Browser } from 'playwright-core';

import { connect } from '../../server/database/connect.js';
import type { Snapshot } from '../../shared/views.js';
import { launchBrowser } from '../support/browser.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { median, quantile } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import { makeBigThread } from './programs/big-thread.js';
import { loadPage, type PageLoad } from './widget-load.js';
import { serveBenchPages, type BenchPages } from './widget-pages.js';

const SIZES = { thousand: 1_000, 'ten thousand': 10_000 } as const;
type Size = keyof typeof SIZES;
const NAMES = Object.keys(SIZES) as Size[];
/** Presses that are compared, at the beginning and at the end. */
const PRESSES = 10;
const VIEWPORT = { width: 900, height: 800 };

interface Read {
  /** Milliseconds from a press until the rows it brought are painted, in order. */
  pressMs: number[];
  mounted: number;
}

export async function reach(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const url = await bench.database.create('reach');
  const { program, port } = await bench.product(url);
  await fill(url);
  const pages = new Map<Size, BenchPages>();
  const replies = new Map<Size, number>();
  const browser = await bench.cores.unpinned(launchBrowser);
  try {
    for (const name of NAMES) {
      const server = `http://127.0.0.1:${port}`;
      const thread = `bench-${SIZES[name]}`;
      const snapshot = (await (await fetch(`${server}/api/v1/sites/demo/thread?key=${thread}`)).json()) as Snapshot;
      if (snapshot.thread.count !== SIZES[name]) throw new Error(`the thread has ${snapshot.thread.count} replies`);
      replies.set(name, snapshot.replies.length);
      pages.set(name, await serveBenchPages({ server, thread, replies: [] }));
    }
    const load = (name: Size): Promise<PageLoad> =>
      loadPage(
        browser,
        pages.get(name)!.address('widget'),
        { replies: replies.get(name)!, isLive: true },
        { folder: bench.profiles, name: `reach-${name}` },
      );
    await load('thousand');
    const rounds = await interleave(NAMES, scale.rounds, async (name, round): Promise<Run<PageLoad[]>> => {
      say(`B12: round ${round + 1} of ${scale.rounds}, ${name} replies, ${scale.pageLoads} times`);
      const { result, disturbance } = await watched(async () => {
        const loads: PageLoad[] = [];
        for (let i = 0; i < scale.pageLoads; i++) loads.push(await load(name));
        return loads;
      });
      return { figures: result, void: [], disturbance };
    });
    const read = new Map<Size, Read>();
    for (const name of NAMES) {
      say(`B12: reading ${name} replies to the end`);
      read.set(name, await readAll(browser, pages.get(name)!.address('widget')));
    }
    return outcomeOf(rounds, read);
  } finally {
    await browser.close();
    for (const served of pages.values()) await served.close();
    await bench.end(program);
    await bench.database.drop('reach');
  }
}

async function fill(url: string): Promise<void> {
  const { sql, close } = connect({ url, max: 1 });
  await sql`set statement_timeout = 0`;
  for (const size of Object.values(SIZES)) await makeBigThread(sql, 'demo', size);
  await sql`vacuum (analyze) replies`;
  await sql`analyze threads`;
  await close();
}

/** Presses the button below the list as long as there is one. */
async function readAll(browser: Browser, url: string): Promise<Read> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(url);
    await page.locator('afterword-discussion[status=live]').waitFor({ state: 'attached' });
    // By its class: looking for names in a hundred thousand elements would take longer than what is measured.
    const more = page.locator('afterword-discussion .list > .more');
    const articles = page.locator('afterword-discussion article');
    const pressMs: number[] = [];
    while ((await more.count()) > 0) {
      const before = await articles.count();
      pressMs.push(
        await more.evaluate((button: HTMLElement, had) => {
          const root = button.getRootNode() as ShadowRoot;
          const begun = performance.now();
          button.click();
          return new Promise<number>((resolve, reject) => {
            const looking = {
              look(): void {
                const ms = performance.now() - begun;
                if (root.querySelectorAll('article').length > had) resolve(ms);
                else if (ms > 30_000) reject(new Error('a press brought nothing'));
                else requestAnimationFrame(() => looking.look());
              },
            };
            looking.look();
          });
        }, before),
      );
    }
    return { pressMs, mounted: await articles.count() };
  } finally {
    await context.close();
  }
}

const usableMs = (loads: PageLoad[]): number => median(loads.map((load) => load.liveMs ?? Number.NaN));
const paintedMs = (loads: PageLoad[]): number => median(loads.map((load) => load.repliesMs ?? Number.NaN));

type Rounds = Parameters<typeof sound<Size, PageLoad[]>>[0];

function outcomeOf(rounds: Rounds, read: ReadonlyMap<Size, Read>): Outcome {
  return {
    table: {
      title: 'B12 reach: milliseconds until the discussion can be used, and until one more page of it is painted',
      columns: [
        'replies',
        'painted p50',
        'usable p50',
        'worst',
        'usable / a thousand',
        'presses to the end',
        'mounted then',
        'first presses p50',
        'last presses p50',
      ],
      rows: NAMES.map((name) => {
        const loads = sound(rounds, name).flat();
        const { pressMs, mounted } = read.get(name)!;
        return [
          SIZES[name].toLocaleString('en-US'),
          figure(paintedMs(loads)),
          figure(usableMs(loads)),
          figure(
            quantile(
              loads.map((load) => load.liveMs ?? Number.NaN),
              1,
            ),
          ),
          name === 'thousand' ? '' : formatRatio(ratio(rounds, name, 'thousand', usableMs)),
          String(pressMs.length),
          mounted.toLocaleString('en-US'),
          figure(median(pressMs.slice(0, PRESSES))),
          figure(median(pressMs.slice(-PRESSES))),
        ];
      }),
    },
    gates: [
      {
        name: 'B12 usable: 10,000 / 1,000 replies',
        limit: 2,
        aim: 1.3,
        ratio: ratio(rounds, 'ten thousand', 'thousand', usableMs),
      },
    ],
    notes: [
      'A press brings the next twenty replies of the list with the first of their answers; the rest stays behind the buttons of their branches.',
      ...remarks(rounds, 'B12'),
    ],
  };
}
