// Loaded into every server that is measured, ours and the baselines, before its own code: tells what the process costs.
// Changes nothing of the server; what it watches only on demand is off otherwise.
import { monitorEventLoopDelay, PerformanceObserver, performance, type IntervalHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

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

/** Freed memory is given back by a thread in the background. */
const GIVE_BACK_MS = 1_000;

// One process has one probe: what it remembers between two questions lives as long as the process.
function makeProbe() {
  let cpu = process.cpuUsage();
  let busy = performance.eventLoopUtilization();
  let delay: IntervalHistogram | null = null;
  let gcMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs += duration;
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
  };
}

export type ProbeApi = ReturnType<typeof makeProbe>;

if (process.channel) serve('probe', makeProbe());
