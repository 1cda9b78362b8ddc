// Watches the machine during a measurement: who else used the processor, whether it swapped, whether it got slower.
// Owns the judgement of how disturbed a round was; reads /proc, and says nothing where there is none.
import { readdirSync, readFileSync } from 'node:fs';

import { now } from './clock.js';

/** Part of all cores that others may use in a round, and change of the machine's speed, that pass unremarked. */
const FOREIGN_MAX = 0.05;
const SPEED_CHANGE_MAX = 0.05;
/** The unit of /proc on every Linux that Node runs on. */
const TICK_MS = 10;

export interface Disturbance {
  /** Part of all cores that other processes took, the hypervisor among them; null where it can't be read. */
  foreign: number | null;
  /** Reasons not to trust the round; empty: quiet. */
  reasons: string[];
}

interface Mark {
  at: number;
  speedMs: number;
  machine: Machine | null;
}

interface Machine {
  busyMs: number;
  cores: number;
  ownMs: number;
  swapped: number;
}

/** Runs what is to be measured, and tells what disturbed it. */
export async function watched<T>(measure: () => Promise<T>): Promise<{ result: T; disturbance: Disturbance }> {
  const before = mark();
  const result = await measure();
  return { result, disturbance: judge(before, mark()) };
}

function mark(): Mark {
  return { speedMs: speed(), at: now(), machine: readMachine() };
}

function judge(before: Mark, after: Mark): Disturbance {
  const reasons: string[] = [];
  let foreign: number | null = null;
  if (before.machine && after.machine) {
    const busy = after.machine.busyMs - before.machine.busyMs;
    const own = after.machine.ownMs - before.machine.ownMs;
    // Both are counted in ticks and not at the same instant.
    foreign = Math.max(0, busy - own) / ((after.at - before.at) * after.machine.cores);
    if (foreign > FOREIGN_MAX) reasons.push(`others used ${(foreign * 100).toFixed(0)} % of the processors`);
    if (after.machine.swapped > before.machine.swapped) reasons.push('the machine swapped');
  }
  const change = Math.abs(after.speedMs / before.speedMs - 1);
  if (change > SPEED_CHANGE_MAX) reasons.push(`the speed of the processor changed by ${(change * 100).toFixed(0)} %`);
  return { foreign, reasons };
}

/** Milliseconds of a fixed piece of work, at best: what a busy neighbour only interrupts doesn't count. */
function speed(): number {
  const times = Array.from({ length: 8 }, () => {
    const begun = now();
    let x = 1;
    for (let i = 0; i < 2_000_000; i++) x = (Math.imul(x, 48_271) + i) | 0;
    return now() - begun + (x === 0 ? 1e-9 : 0);
  });
  return Math.min(...times);
}

function readMachine(): Machine | null {
  try {
    const [total = '', ...lines] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , , , steal = 0] = total.trim().split(/\s+/).slice(1).map(Number);
    return {
      // Interrupts are left out: those of our own loopback traffic are counted there, for no process.
      busyMs: (user + nice + system + steal) * TICK_MS,
      cores: lines.filter((line) => /^cpu\d/.test(line)).length,
      ownMs: ownTicks() * TICK_MS,
      swapped: swappedPages(),
    };
  } catch {
    return null;
  }
}

function swappedPages(): number {
  const counters = readFileSync('/proc/vmstat', 'utf8').matchAll(/^pswp(?:in|out) (\d+)$/gm);
  return [...counters].reduce((sum, [, count]) => sum + Number(count), 0);
}

/**
 * Processor time of this process and all that descend from it, those included that have ended: their parents keep it.
 */
function ownTicks(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap(readProcess);
  const own = new Set([process.pid]);
  // A child may stand before its parent: until nothing is added.
  for (let size = 0; size !== own.size;) {
    size = own.size;
    for (const { pid, parent } of processes) if (own.has(parent)) own.add(pid);
  }
  return processes.reduce((sum, { pid, ticks }) => (own.has(pid) ? sum + ticks : sum), 0);
}

function readProcess(pid: number): { pid: number; parent: number; ticks: number }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields[11]! + fields[12]! + fields[13]! + fields[14]!;
    return [{ pid, parent: fields[1]!, ticks }];
  } catch {
    // It ended while we looked.
    return [];
  }
}
