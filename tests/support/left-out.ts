// What a test can't do on this machine, as it may not mount, say. In CI that is a failure; elsewhere it is named when
// `npm test` ends (tools/test.mjs).
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { isCI, LEFT_OUT_FILE } from '../../tools/services.mjs';

/** Throws in CI. */
export function leaveOut(what: string, why: string): void {
  if (isCI()) throw new Error(`"${what}" would be left out, which CI does not allow: ${why}`);
  mkdirSync(dirname(LEFT_OUT_FILE), { recursive: true });
  appendFileSync(LEFT_OUT_FILE, `${what}: ${why}\n`);
}
