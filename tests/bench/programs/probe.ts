// Loaded into every server that is measured, ours and the baselines, before its own code: tells what the process costs.
// Changes nothing of the server; what it watches only on demand is off otherwise.
import {
  constants,
  monitorEventLoopDelay,
  PerformanceObserver,
  performance,
  type IntervalHistogram,
} from 'node:perf_hooks';
import { readdirSync } from 'node:fs';
import { getHeapCodeStatistics, getHeapSpaceStatistics, getHeapStatistics, writeHeapSnapshot } from 'node:v8';

import { serve } from '../harness/rpc.js';

export interface Cost {
  /** Processor time of the whole process since `begin`, in milliseconds. */
  cpuMs: number;
  /** Part of the time in which the event loop was busy, 0 to 1. */
  loopBusy: number;
  /** How late a timer of the loop was, 99 of 100; null where it wasn't watched. */
  loopDelayP99Ms: number | null;
  gcMs: number;
}

export interface Memory {
  /** As the system counts it. */
  rssBytes: number;
  /** Of this, without the room that the heap keeps free: that is tens of megabytes more or less by chance. */
  heldBytes: number;
  heapBytes: number;
}

/** How the process stands, as it is: nothing is collected for it. */
export interface Sample {
  rssBytes: number;
  heapBytes: number;
  /** What was left of the heap by the last full collection that came by itself; null: none came yet. */
  heapLeftBytes: number | null;
  /** The same by space of the engine's heap, and what code takes (which lies in some of the spaces). */
  heapLeftParts: Record<string, number>;
  externalBytes: number;
  /** What keeps the loop alive, counted by kind: sockets, timers, ... */
  resources: Record<string, number>;
  descriptors: number;
  /** Since the last sample: how late a timer of the loop was, 99 of 100; and the processor's time. */
  loopDelayP99Ms: number;
  cpuMs: number;
}

/** Freed memory is given back by a thread in the background. */
const GIVE_BACK_MS = 1_000;

// One process has one probe: what it remembers between two questions lives as long as the process.
function makeProbe() {
  let cpu = process.cpuUsage();
  let busy = performance.eventLoopUtilization();
  let delay: IntervalHistogram | null = null;
  let gcMs = 0;
  let heapLeftBytes: number | null = null;
  let heapLeftParts: Record<string, number> = {};
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gcMs += entry.duration;
      const { detail } = entry as unknown as { detail: { kind: number } };
      if (detail.kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
      heapLeftBytes = process.memoryUsage().heapUsed;
      heapLeftParts = heapParts();
    }
  }).observe({ entryTypes: ['gc'] });

  return {
    /** `loopDelay` costs a timer every ten milliseconds: not for idle servers. */
    begin({ loopDelay }: { loopDelay: boolean }): void {
      delay?.disable();
      delay = loopDelay ? monitorEventLoopDelay({ resolution: 10 }) : null;
      delay?.enable();
      gcMs = 0;
      busy = performance.eventLoopUtilization();
      cpu = process.cpuUsage();
    },
    cost(): Cost {
      const { user, system } = process.cpuUsage(cpu);
      return {
        cpuMs: (user + system) / 1_000,
        loopBusy: performance.eventLoopUtilization(busy).utilization,
        loopDelayP99Ms: delay ? delay.percentile(99) / 1e6 : null,
        gcMs,
      };
    },
    /** After a `begin` with `loopDelay`, which is what it counts from at first. */
    sample(): Sample {
      const { rss, heapUsed, external } = process.memoryUsage();
      const resources: Record<string, number> = {};
      for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
      const { user, system } = process.cpuUsage(cpu);
      const sample: Sample = {
        rssBytes: rss,
        heapBytes: heapUsed,
        heapLeftBytes,
        heapLeftParts,
        externalBytes: external,
        resources,
        descriptors: descriptors(),
        loopDelayP99Ms: delay ? delay.percentile(99) / 1e6 : Number.NaN,
        cpuMs: (user + system) / 1_000,
      };
      delay?.reset();
      cpu = process.cpuUsage();
      return sample;
    },
    /** After two full collections, and the time in which what they freed goes back to the system. */
    async memory(): Promise<Memory> {
      for (let i = 0; i < 2; i++) {
        globalThis.gc?.();
        await new Promise((resolve) => setTimeout(resolve, GIVE_BACK_MS));
      }
      const { rss } = process.memoryUsage();
      const { used_heap_size: heapBytes, total_physical_size: heapResident } = getHeapStatistics();
      return { rssBytes: rss, heapBytes, heldBytes: rss - heapResident + heapBytes };
    },
    /** Everything on the heap into a file. The process stands still for it, and its resident set grows. */
    snapshot({ file }: { file: string }): void {
      writeHeapSnapshot(file);
    },
  };
}

function heapParts(): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const { space_name: name, space_used_size: bytes } of getHeapSpaceStatistics()) {
    parts[name.replace(/_space$/, '').replaceAll('_', ' ')] = bytes;
  }
  const code = getHeapCodeStatistics();
  parts['machine code and its metadata'] = code.code_and_metadata_size;
  parts['bytecode and its metadata'] = code.bytecode_and_metadata_size;
  return parts;
}

/** Open files and sockets; not a number where the system doesn't tell. */
function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}

export type ProbeApi = ReturnType<typeof makeProbe>;

if (process.channel) serve('probe', makeProbe());
