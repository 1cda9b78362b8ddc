// Fires the events of a plan at their times. A thread of its own sleeps until shortly before each of them, as the timers
// of the event loop count whole milliseconds, which would be half of what is measured; the loop then turns until it is
// time, as waking up takes a while too.
import { Worker } from 'node:worker_threads';
import { now } from './clock.js';

/** Plain JavaScript, as it is started from its text: the same from sources, in a bundle and in a test. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const cell = new Int32Array(new SharedArrayBuffer(4));
const now = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };
for (const [i, at] of workerData.wakeUps.entries()) {
  const left = at - now();
  if (left > 0) Atomics.wait(cell, 0, 0, left);
  parentPort.postMessage(i);
}`;

/** Room for the thread to start before the first event. */
const LEAD_MS = 150;
/** Longest time that the loop turns before an event, and the largest part of all time. */
const TURN_MS = 2;
const TURN_PART = 0.02;

/**
 * Calls `fire(i, intended)` for each time of the plan, in order and never early, and resolves after the last call with
 * how late each was, in milliseconds. `intended` is in the clock's time: what a latency has to count from.
 */
export function runPlan(times: readonly number[], fire: (i: number, intended: number) => void): Promise<number[]> {
  if (times.length === 0) return Promise.resolve([]);
  const start = now() + LEAD_MS;
  const turn = Math.min(TURN_MS, (times.at(-1)! / times.length) * TURN_PART);
  const wakeUps = times.map((time) => start + time - turn);
  const thread = new Worker(THREAD, { eval: true, workerData: { wakeUps } });
  const slips: number[] = [];
  return new Promise((resolve, reject) => {
    const fireInTime = (i: number, intended: number): void => {
      const late = now() - intended;
      if (late < 0) {
        setImmediate(fireInTime, i, intended);
        return;
      }
      slips.push(late);
      fire(i, intended);
      if (slips.length === times.length) resolve(slips);
    };
    thread.on('error', reject);
    thread.on('message', (i: number) => fireInTime(i, start + times[i]!));
  });
}
