// A page that really stands still, as on a machine that sleeps or a phone that freezes it: its process is stopped. Nothing runs
// in it, nothing tells it so, and its clock has gone on when it wakes.
import type { Page } from 'playwright-core';

/** The processes in which this browser's pages run. */
async function processes(page: Page): Promise<number[]> {
  const devtools = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** Stops every page of this page's browser; the function that it gives has them go on. */
export async function fallAsleep(page: Page): Promise<() => void> {
  const stopped = await processes(page);
  for (const id of stopped) process.kill(id, 'SIGSTOP');
  return () => {
    for (const id of stopped) process.kill(id, 'SIGCONT');
  };
}
