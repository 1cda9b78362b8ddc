// How long each operation of the store takes and how many are under way, as the metrics count them.
import type { Observer } from '../store/observed.js';
import type { Metrics } from './metrics.js';

export function storeMetrics(metrics: Metrics): Observer {
  return {
    around: async (operation, work) => {
      const began = performance.now();
      let outcome: 'ok' | 'failed' = 'failed';
      metrics.storeBegan();
      try {
        const result = await work();
        outcome = 'ok';
        return result;
      } finally {
        metrics.storeEnded(operation, outcome, performance.now() - began);
      }
    },
  };
}
