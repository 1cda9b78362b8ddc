// Each operation of the store as a span.
import type { Observer } from '../store/observed.js';
import type { Tracing } from './tracing.js';

export function storeTracing(tracing: Tracing): Observer {
  return {
    around: async (operation, work) => {
      const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation };
      const span = tracing.begin(`store ${operation}`, { kind: 'client', attributes, inner: true });
      let outcome: 'ok' | 'failed' = 'failed';
      try {
        const result = await span.run(work);
        outcome = 'ok';
        return result;
      } finally {
        span.end({}, outcome);
      }
    },
  };
}
