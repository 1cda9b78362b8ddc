// The one way in, apart from what stands behind it.
import { expect, it } from 'vitest';
import { z } from 'zod';

import { Admission } from '../../server/admission.js';
import { createLog } from '../../server/log.js';
import { NO_METRICS } from '../../server/metrics/metrics.js';
import { guard } from '../../server/socket/guard.js';
import { RateLimits } from '../../server/socket/limits.js';
import type { ClientSocket } from '../../server/socket/session.js';

it('[LOAD1] who waited for the same look at a site goes on in turns, as everybody does', async () => {
  const log = createLog({ level: 'silent', pretty: false, to: { write: () => {} } });
  let handled = 0;
  let looked!: () => void;
  const looking = new Promise<void>((resolve) => (looked = resolve));
  const hear = guard(
    {
      routes: new Map([['look', { schema: z.object({}), kind: 'read', handle: () => void handled++ }]]),
      limits: new RateLimits(false),
      admission: new Admission({ log }),
      log,
      metrics: NO_METRICS,
      refresh: () => looking,
      payer: () => ({ socket: 'a', author: undefined, address: '' }),
    },
    { id: 'a' } as ClientSocket,
  );
  for (let n = 0; n < 100; n++) hear('look', {});
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  await turn();
  await turn();
  looked();
  const perTurn: number[] = [];
  while (handled < 100) {
    const before = handled;
    await turn();
    perTurn.push(handled - before);
  }
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(16);
});
