// One load of one page of B10 in a real browser: slow line, slow processor, nothing cached. Owns what is read from the
// browser; compares nothing.
import { setTimeout as pause } from 'node:timers/promises';

import type { Browser, CDPSession } from 'playwright-core';
import { traced, type TraceTarget } from './harness/page-trace.js';

/** A middling phone on a middling line. */
const PROCESSOR_SLOWER = 4;
const ROUND_TRIP_MS = 150;
const BYTES_PER_SECOND = 1.6e6 / 8;
/** Tall enough to paint all twenty. */
const VIEWPORT = { width: 900, height: 3_600 };
const LOAD_MS = 30_000;
const LOOK_MS = 20;
/** How late the browser tells of long tasks and shifts. */
const LATE_MS = 300;

export interface PageLoad {
  /** From the navigation to the frame that shows the replies; null where the page is to have none. */
  repliesMs: number | null;
  /** To the first frame that follows live; null where that is not waited for. */
  liveMs: number | null;
  /** To the largest paint of the article above. */
  articleMs: number;
  shift: number;
  /** What tasks took beyond 50 ms each. */
  blockingMs: number;
  /** Besides the page itself, until the replies were painted. */
  requests: number;
  bytes: number;
  /** The same in all. */
  allRequests: number;
  allBytes: number;
}

interface Seen {
  repliesMs: number | null;
  liveMs: number | null;
  articleMs: number;
  shift: number;
  blockingMs: number;
}

type Watched = typeof globalThis & { bench: Seen; benchTold(what: string): void };

/** Runs in the page, before anything else. Nothing in it may have a name: a build step would refer to helpers. */
function watchPage({ wanted, isLive }: { wanted: number; isLive: boolean }): void {
  const seen = {
    repliesMs: null as number | null,
    liveMs: null as number | null,
    articleMs: 0,
    shift: 0,
    blockingMs: 0,
    look(): void {
      const root = document.querySelector('afterword-discussion')?.shadowRoot ?? document;
      if (root.querySelectorAll('article').length < wanted) {
        requestAnimationFrame(() => seen.look());
        return;
      }
      // This frame shows them; a message is handled after it is painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        seen.repliesMs = performance.now();
        (globalThis as Watched).benchTold('replies');
      };
      port2.postMessage(null);
    },
    wait(): void {
      if (!document.querySelector('afterword-discussion[status=live]')) {
        requestAnimationFrame(() => seen.wait());
        return;
      }
      seen.liveMs = performance.now();
      (globalThis as Watched).benchTold('live');
    },
  };
  (globalThis as Watched).bench = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { element?: Element })[]) {
      if (entry.element?.closest('main')) seen.articleMs = entry.startTime;
    }
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.blockingMs += Math.max(0, duration - 50);
  }).observe({ type: 'longtask', buffered: true });
  if (wanted > 0) requestAnimationFrame(() => seen.look());
  if (isLive) requestAnimationFrame(() => seen.wait());
}

/** `replies`: how many are waited for; 0: none. `isLive`: waits until the widget follows live. */
export async function loadPage(
  browser: Browser,
  url: string,
  { replies, isLive }: { replies: number; isLive: boolean },
  trace: TraceTarget,
): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const told = await listen(cdp);
    await slowDown(cdp);
    const transfers = await watchTransfers(cdp);
    await page.addInitScript(watchPage, { wanted: replies, isLive });
    await traced(page, trace, async () => {
      await page.goto(url);
      if (replies > 0) await told('replies');
      if (isLive) await told('live');
      await pause(LATE_MS);
    });
    const seen = await readSeen(cdp);
    return { ...seen, ...transfers(seen.repliesMs ?? 0) };
  } finally {
    await context.close();
  }
}

async function slowDown(cdp: CDPSession): Promise<void> {
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: ROUND_TRIP_MS,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND,
  });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: PROCESSOR_SLOWER });
}

/** Counts what is fetched besides the page itself, as compressed, with its headers. */
async function watchTransfers(cdp: CDPSession) {
  let begun: number | null = null;
  let document = '';
  const finished: { atMs: number; bytes: number }[] = [];
  cdp.on('Network.requestWillBeSent', ({ requestId, timestamp }) => {
    if (begun !== null) return;
    begun = timestamp;
    document = requestId;
  });
  cdp.on('Network.loadingFinished', ({ requestId, timestamp, encodedDataLength }) => {
    if (requestId !== document) finished.push({ atMs: (timestamp - begun!) * 1_000, bytes: encodedDataLength });
  });
  const sum = (some: typeof finished): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return (untilMs: number) => {
    const before = finished.filter(({ atMs, bytes }) => atMs <= untilMs && bytes > 0);
    const all = finished.filter(({ bytes }) => bytes > 0);
    return { requests: before.length, bytes: sum(before), allRequests: all.length, allBytes: sum(all) };
  };
}

/**
 * What the page says by itself. The library's own waiting would first load its script into the page, which on such a
 * processor takes 150 ms, just when the replies are to be painted.
 */
async function listen(cdp: CDPSession) {
  const heard = new Set<string>();
  cdp.on('Runtime.bindingCalled', ({ payload }) => heard.add(payload));
  await cdp.send('Runtime.enable');
  await cdp.send('Runtime.addBinding', { name: 'benchTold' });
  return async (what: 'replies' | 'live'): Promise<void> => {
    const end = performance.now() + LOAD_MS;
    while (!heard.has(what)) {
      if (performance.now() > end) throw new Error(`not ${what} after ${LOAD_MS / 1_000} s`);
      await pause(LOOK_MS);
    }
  };
}

async function readSeen(cdp: CDPSession): Promise<Seen> {
  const { result } = await cdp.send('Runtime.evaluate', { expression: 'bench', returnByValue: true });
  return result.value as Seen;
}
