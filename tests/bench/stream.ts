// B11, and the long stream: does a discussion stay usable, still and slim while replies pour in?
//
// One real browser reads 500 mounted replies while a guest writes into the thread at a steady rate: in Hold, where nothing
// may move; in Anchor, where everything comes in place and the line that is read may not move by more than a pixel. The
// latency of a key is from the event to the frame that is painted after it, by the page's own clock; "no stream" is the
// same page with nobody writing. The heap is measured after a forced collection, the first time when a tenth is over.
import type { Browser, CDPSession, Page } from 'playwright-core';

import { newId } from '../../shared/ids.js';
import type { Snapshot } from '../../shared/views.js';
import { launchBrowser } from '../support/browser.js';
import { AUTH } from './generator/crowd.js';
import { traced, type TraceTarget } from './harness/page-trace.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import { interleave, ratio, remarks, sound, type Gate, type Run } from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { median, quantile } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import { textOf } from './programs/text.js';
import { serveBenchPages } from './widget-pages.js';
import { makeReadBuffer } from './wire/connection.js';
import { Peer } from './wire/socketio.js';

const MOUNTED = 500;
const REPLY_LENGTH = 160;
const VIEWPORT = { width: 900, height: 800 };
/** How often a key is pressed, and how often it is looked where the line is. */
const KEY_EVERY_MS = 250;

const CONTESTANTS = ['quiet', 'hold', 'anchor', 'fast'] as const;
type Contestant = (typeof CONTESTANTS)[number];
interface Setting {
  pace: string;
  perSecond: number;
  label: string;
  /** What is asked of it is told in a minute, however long the others last. */
  mostSeconds: number;
}
const SETTINGS: Record<Contestant, Setting> = {
  quiet: { pace: 'hold', perSecond: 0, label: 'no stream', mostSeconds: 60 },
  hold: { pace: 'hold', perSecond: 20, label: 'Hold', mostSeconds: Infinity },
  anchor: { pace: 'anchor', perSecond: 20, label: 'Anchor', mostSeconds: Infinity },
  fast: { pace: 'anchor', perSecond: 50, label: 'Anchor', mostSeconds: 60 },
};

interface Seen {
  shift: number;
  driftPx: number;
  keyMs: number[];
  longMs: number[];
  /** After warm-up, and at the end, in bytes. */
  heap: [number, number];
  mounted: number;
}

type Watched = typeof globalThis & { bench: { shift: number; driftPx: number; keyMs: number[]; longMs: number[] } };

export async function stream(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const { program, port } = await bench.product(await bench.database.create('stream'));
  const browser = await bench.cores.unpinned(launchBrowser);
  try {
    const rounds = await interleave(CONTESTANTS, scale.rounds, async (name, round): Promise<Run<Seen>> => {
      const { label, perSecond, mostSeconds } = SETTINGS[name];
      const seconds = Math.min(scale.streamSeconds, mostSeconds);
      say(`B11: round ${round + 1} of ${scale.rounds}, ${label}, ${perSecond}/s for ${seconds} s`);
      const trace = { folder: bench.profiles, name: `stream-${name}-${round + 1}` };
      const { result, disturbance } = await watched(() => readStream(browser, port, name, seconds, trace));
      return { figures: result, void: [], disturbance };
    });
    return outcomeOf(rounds, scale.streamSeconds);
  } finally {
    await browser.close();
    await bench.end(program);
    await bench.database.drop('stream');
  }
}

async function readStream(
  browser: Browser,
  port: number,
  name: Contestant,
  seconds: number,
  trace: TraceTarget,
): Promise<Seen> {
  const { pace, perSecond } = SETTINGS[name];
  const key = `bench-${newId()}`;
  const peer = new Peer(port, makeReadBuffer(), AUTH, { onLost: () => {} });
  await peer.connected();
  await peer.ask('me:guest', { name: 'Bench writer' });
  const { thread } = await peer.ask<Snapshot>('thread:join', { key });
  const write = (n: number): Promise<unknown> =>
    peer.ask('reply:create', { thread: thread.id, id: newId(), body: textOf(REPLY_LENGTH, n) });
  for (let n = 0; n < MOUNTED; n++) await write(n);
  await peer.ask('thread:leave', { thread: thread.id });

  const server = `http://127.0.0.1:${port}`;
  const pages = await serveBenchPages({ server, thread: key, replies: [], attributes: `data-pace="${pace}"` });
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(pages.address('widget'));
    await mountAll(page);
    const cdp = await context.newCDPSession(page);
    await page.evaluate(watchPage);
    const warm = (seconds * 1_000) / 10;
    const begun = performance.now();
    let written = 0;
    let heap = null as number | null;
    await traced(page, trace, async () => {
      for (let beat = 0; performance.now() - begun < seconds * 1_000; beat++) {
        const now = performance.now() - begun;
        if (heap === null && now > warm) heap = await heapOf(cdp);
        while (written < (now * perSecond) / 1_000) void write(MOUNTED + written++);
        if (beat % (KEY_EVERY_MS / 50) === 0) await page.keyboard.press('Shift');
        await new Promise((resolve) => setTimeout(resolve, 50 - ((performance.now() - begun) % 50)));
      }
    });
    const end = await heapOf(cdp);
    const seen = await page.evaluate(() => (globalThis as Watched).bench);
    const mounted = await page.locator('afterword-discussion article').count();
    return { ...seen, heap: [heap ?? end, end], mounted };
  } finally {
    await context.close();
    await pages.close();
    peer.end();
  }
}

/** All are loaded, and the middle of them is in sight. */
async function mountAll(page: Page): Promise<void> {
  await page.locator('afterword-discussion[status=live]').waitFor({ state: 'attached' });
  const more = page.locator('afterword-discussion .more');
  const articles = page.locator('afterword-discussion article');
  while ((await articles.count()) < MOUNTED) {
    const before = await articles.count();
    await more.last().click();
    await page.waitForFunction(
      (had) => document.querySelector('afterword-discussion')!.shadowRoot!.querySelectorAll('article').length > had,
      before,
    );
  }
  await articles.nth(MOUNTED / 2).evaluate((node) => {
    (node.getRootNode() as ShadowRoot & { activeElement: HTMLElement | null }).activeElement?.blur();
    node.scrollIntoView({ block: 'center' });
  });
}

/** Runs in the page. Nothing in it may have a name: a build step would refer to helpers. */
function watchPage(): void {
  const root = document.querySelector('afterword-discussion')!.shadowRoot!;
  const seen = { shift: 0, driftPx: 0, keyMs: [] as number[], longMs: [] as number[] };
  (globalThis as Watched).bench = seen;
  const line = innerHeight / 3;
  const held = [...root.querySelectorAll('article')].find((one) => one.getBoundingClientRect().bottom > line)!;
  const at = held.getBoundingClientRect().top;
  setInterval(() => {
    seen.driftPx = Math.max(seen.driftPx, Math.abs(held.getBoundingClientRect().top - at));
  }, 100);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) seen.shift += entry.value;
  }).observe({ type: 'layout-shift' });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longMs.push(duration);
  }).observe({ type: 'longtask' });
  addEventListener('keydown', ({ timeStamp }) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => seen.keyMs.push(performance.now() - timeStamp);
      port2.postMessage(null);
    });
  });
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize;
}

type Rounds = Parameters<typeof sound<Contestant, Seen>>[0];

const p98 = ({ keyMs }: Seen): number => quantile(keyMs, 0.98);
const growth = ({ heap: [warm, end] }: Seen): number => (end / warm - 1) * 100;

function outcomeOf(rounds: Rounds, streamSeconds: number): Outcome {
  const worst = (name: Contestant, of: (seen: Seen) => number): number => Math.max(...sound(rounds, name).map(of));
  return {
    table: {
      title: `B11 stream: ${MOUNTED} mounted replies, and more pouring in`,
      columns: [
        'pace',
        'replies/s',
        'for s',
        'key p50 ms',
        'p98',
        'worst',
        'p98 / no stream',
        'long tasks',
        'longest ms',
        'layout shift',
        'drift px',
        'heap growth %',
        'mounted at the end',
      ],
      rows: CONTESTANTS.map((name) => {
        const all = sound(rounds, name);
        const keys = all.flatMap(({ keyMs }) => keyMs);
        const long = all.flatMap(({ longMs }) => longMs);
        return [
          SETTINGS[name].label,
          String(SETTINGS[name].perSecond),
          String(Math.min(streamSeconds, SETTINGS[name].mostSeconds)),
          figure(median(keys)),
          figure(quantile(keys, 0.98)),
          figure(quantile(keys, 1)),
          name === 'quiet' ? '' : formatRatio(ratio(rounds, name, 'quiet', p98)),
          String(long.length),
          figure(Math.max(0, ...long)),
          figure(worst(name, ({ shift }) => shift)),
          figure(worst(name, ({ driftPx }) => driftPx)),
          figure(worst(name, growth)),
          String(all.at(-1)!.mounted),
        ];
      }),
    },
    gates: gatesOf(rounds),
    notes: remarks(rounds, 'B11'),
  };
}

function gatesOf(rounds: Rounds): Gate[] {
  const plain = (name: Contestant, of: (seen: Seen) => number) => {
    const values = sound(rounds, name).map(of);
    const disturbed = rounds.every((round) => round[name].disturbance.reasons.length > 0);
    return values.length === 0
      ? null
      : {
          median: median(values),
          min: Math.min(...values),
          max: Math.max(...values),
          rounds: values.length,
          disturbed,
        };
  };
  return [
    { name: 'B11 key p98 at 50/s, milliseconds', limit: 200, ratio: plain('fast', p98) },
    { name: 'B11 key p98 at 50/s / no stream', aim: 1.15, ratio: ratio(rounds, 'fast', 'quiet', p98) },
    { name: 'Stream, Hold: layout shift', limit: 0, ratio: plain('hold', ({ shift }) => shift) },
    { name: 'Stream, Anchor: drift of the line, pixels', limit: 1, ratio: plain('anchor', ({ driftPx }) => driftPx) },
    {
      name: 'Stream, Anchor: worst key, milliseconds',
      limit: 200,
      ratio: plain('anchor', ({ keyMs }) => Math.max(...keyMs)),
    },
    { name: 'Stream, Hold: heap growth, percent', limit: 5, ratio: plain('hold', growth) },
    { name: 'Stream, Anchor: heap growth, percent', limit: 5, ratio: plain('anchor', growth) },
  ];
}
