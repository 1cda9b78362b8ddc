// What a browser does with its time in a measured page, as its own tools for developers open it: for finding what is slow,
// not for figures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const CATEGORIES = [
  'toplevel',
  'loading',
  'blink.user_timing',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'v8.execute',
  'disabled-by-default-v8.cpu_profiler',
];

/** Where a trace goes: `name.json` in this folder; without a folder nowhere. */
export interface TraceTarget {
  folder: string | undefined;
  name: string;
}

/** Traces what happens in the page while `run` runs. */
export async function traced<T>(page: Page, { folder, name }: TraceTarget, run: () => Promise<T>): Promise<T> {
  const browser = page.context().browser();
  if (folder === undefined || !browser) return run();
  mkdirSync(folder, { recursive: true });
  await browser.startTracing(page, { path: join(folder, `${name}.json`), categories: CATEGORIES });
  try {
    return await run();
  } finally {
    await browser.stopTracing();
  }
}
