// B10: from opening a page with the script tag in view to twenty replies painted, in a real browser, with a processor
// four times slower, a round trip of 150 ms and 1.6 Mbit/s, nothing cached; and what the widget adds to the page.
//
// "preloaded": the page asks for the reader and the first page of replies itself (README), as is right where the discussion
// stands in the first screen. "Replies in the page": the product's own HTML of them stands in it (HTTP5). The page is on
// another origin than the product, as an owner's is. The baseline is the same page with the same replies as plain HTML in
// it, compressed: nothing can be sooner there. "alone" is the page without any replies: what the widget adds in shifts and
// blocking, and whether it delays the article, is against this one.
//
// The browser's emulation delays every request by the round trip, but not the opening of a connection, for all alike.
import type { Browser } from 'playwright-core';

import { newId } from '../../shared/ids.js';
import type { Snapshot } from '../../shared/views.js';
import { launchBrowser } from '../support/browser.js';
import { AUTH } from './generator/crowd.js';
import { figure, formatRatio, type Outcome } from './harness/report.js';
import {
  compare,
  interleave,
  ratio,
  remarks,
  sound,
  type Comparison,
  type Gate,
  type Round,
  type Run,
} from './harness/rounds.js';
import type { Scale } from './harness/scale.js';
import { median, quantile } from './harness/statistics.js';
import { watched } from './harness/watch.js';
import type { Workbench } from './harness/workbench.js';
import { textOf } from './programs/text.js';
import { loadPage, type PageLoad } from './widget-load.js';
import { serveBenchPages, type BenchPages, type PageKind } from './widget-pages.js';
import { makeReadBuffer } from './wire/connection.js';
import { Peer } from './wire/socketio.js';

const PAGES = ['widget', 'preloaded', 'prerendered', 'static', 'alone'] as const;
const LABELS: Record<PageKind, string> = {
  widget: 'Afterword',
  preloaded: 'Afterword, preloaded',
  prerendered: 'Afterword, replies in the page',
  static: 'static HTML',
  alone: 'no replies',
};
const REPLIES = 20;
const REPLY_LENGTH = 160;

type Rounds = Round<PageKind, PageLoad[]>[];

export async function widget(bench: Workbench, scale: Scale, say: (line: string) => void): Promise<Outcome> {
  const { program, port } = await bench.product(await bench.database.create('widget'));
  const thread = `bench-${newId()}`;
  const server = `http://127.0.0.1:${port}`;
  await fill(port, thread);
  const answer = await fetch(`${server}/api/v1/sites/demo/thread?key=${thread}`);
  const { replies } = (await answer.json()) as Snapshot;
  if (replies.length !== REPLIES) throw new Error(`the thread shows ${replies.length} replies: ${answer.status}`);
  const fragment = await fetch(`${server}/api/v1/sites/demo/thread.html?key=${thread}&title=An+article`);
  if (!fragment.ok) throw new Error(`no HTML of the thread: ${fragment.status}`);
  const pages = await serveBenchPages({ server, thread, replies, html: await fragment.text() });
  const browser = await bench.cores.unpinned(launchBrowser);
  try {
    await loadRound(browser, pages, 'widget', 1, undefined);
    const rounds = await interleave(PAGES, scale.rounds, async (kind, round): Promise<Run<PageLoad[]>> => {
      say(`B10: round ${round + 1} of ${scale.rounds}, ${LABELS[kind]}, ${scale.pageLoads} times`);
      const { result, disturbance } = await watched(() =>
        loadRound(browser, pages, kind, scale.pageLoads, bench.profiles),
      );
      return { figures: result, void: [], disturbance };
    });
    return outcomeOf(rounds);
  } finally {
    await browser.close();
    await pages.close();
    await bench.end(program);
    await bench.database.drop('widget');
  }
}

/** The last load is the one that a trace is left of, where one is. */
async function loadRound(
  browser: Browser,
  pages: BenchPages,
  kind: PageKind,
  times: number,
  folder: string | undefined,
): Promise<PageLoad[]> {
  const wanted = { replies: kind === 'alone' ? 0 : REPLIES, isLive: kind !== 'static' && kind !== 'alone' };
  const trace = { folder, name: `page-${kind}` };
  const loads: PageLoad[] = [];
  for (let i = 0; i < times; i++) loads.push(await loadPage(browser, pages.address(kind), wanted, trace));
  return loads;
}

/** A guest writes the replies, as everybody does. */
async function fill(port: number, key: string): Promise<void> {
  const peer = new Peer(port, makeReadBuffer(), AUTH, { onLost: () => {} });
  await peer.connected();
  await peer.ask('me:guest', { name: 'Bench writer' });
  const { thread } = await peer.ask<Snapshot>('thread:join', { key });
  for (let i = 0; i < REPLIES; i++) {
    await peer.ask('reply:create', { thread: thread.id, id: newId(), body: textOf(REPLY_LENGTH, i) });
  }
  peer.end();
}

type Figure = (loads: PageLoad[]) => number;

const repliesMs: Figure = (loads) => median(loads.map((load) => load.repliesMs ?? Number.NaN));
const articleMs: Figure = (loads) => median(loads.map((load) => load.articleMs));
const shift: Figure = (loads) => Math.max(...loads.map((load) => load.shift));
const blockingMs: Figure = (loads) => median(loads.map((load) => load.blockingMs));

/** What the widget adds to the page alone, round by round. */
function added(rounds: Rounds, of: Figure): Comparison | null {
  return compare(rounds, 'widget', 'alone', (mine, theirs) => of(mine) - of(theirs));
}

function outcomeOf(rounds: Rounds): Outcome {
  return {
    table: {
      title: `B10 page: milliseconds from opening it to ${REPLIES} replies painted, and what the widget adds`,
      columns: [
        'page',
        'replies p50',
        'worst',
        'Afterword / this',
        'article p50',
        'blocking ms',
        'layout shift',
        'requests before',
        'kB before',
        'requests',
        'kB',
      ],
      rows: PAGES.map((kind) => rowOf(kind, rounds)),
    },
    gates: gatesOf(rounds),
    notes: remarks(rounds, 'B10'),
  };
}

function rowOf(kind: PageKind, rounds: Rounds): string[] {
  const loads = sound(rounds, kind).flat();
  const times = loads.flatMap((load) => load.repliesMs ?? []);
  const kilobytes = (bytes: (load: PageLoad) => number): string => figure(median(loads.map(bytes)) / 1_000);
  return [
    LABELS[kind],
    times.length > 0 ? figure(median(times)) : '-',
    times.length > 0 ? figure(quantile(times, 1)) : '-',
    kind === 'static' ? formatRatio(ratio(rounds, 'widget', 'static', repliesMs)) : '',
    figure(articleMs(loads)),
    figure(blockingMs(loads)),
    figure(shift(loads)),
    String(median(loads.map((load) => load.requests))),
    kilobytes((load) => load.bytes),
    String(median(loads.map((load) => load.allRequests))),
    kilobytes((load) => load.allBytes),
  ];
}

function gatesOf(rounds: Rounds): Gate[] {
  return [
    {
      name: `B10 ${REPLIES} replies painted / static HTML`,
      limit: 2,
      aim: 1.3,
      ratio: ratio(rounds, 'widget', 'static', repliesMs),
    },
    {
      name: 'B10 the same with links that preload / static HTML',
      limit: 2,
      aim: 1.3,
      ratio: ratio(rounds, 'preloaded', 'static', repliesMs),
    },
    {
      name: 'B10 with the replies in the page / static HTML',
      limit: 2,
      aim: 1.05,
      ratio: ratio(rounds, 'prerendered', 'static', repliesMs),
    },
    { name: 'B10 added layout shift', aim: 0, ratio: added(rounds, shift) },
    { name: 'B10 added blocking time, milliseconds', aim: 50, ratio: added(rounds, blockingMs) },
    { name: 'B10 article painted / page alone', aim: 1.01, ratio: ratio(rounds, 'widget', 'alone', articleMs) },
  ];
}
