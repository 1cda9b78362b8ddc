// `afterword doctor`, run in this process on an environment.
import { join } from 'node:path';
import { expect } from 'vitest';

import { doctor } from '../../server/commands/doctor.js';
import type { Finding } from '../../server/doctor/finding.js';
import { migrationsFolder } from './backups.js';

const root = join(migrationsFolder, '..', '..');

/** As the command prints it. */
export async function runDoctor(env: Record<string, string>, options = {}): Promise<{ code: number; out: string }> {
  const lines: string[] = [];
  const { stdout, stderr } = process;
  const { signal } = new AbortController();
  const context = { env, root, print: (line: string) => void lines.push(line), tell: () => {}, stdout, stderr, signal };
  const code = await doctor.run(context, { words: [], options });
  return { code, out: lines.join('\n') };
}

export interface Examined {
  code: number;
  found(what: string): Finding[];
}

/** Holds of every finding: what is not well says what to do. */
export async function examine(env: Record<string, string>): Promise<Examined> {
  const { code, out } = await runDoctor({ PORT: '0', ...env }, { json: true });
  const { findings, ok } = JSON.parse(out) as { ok: boolean; findings: Finding[] };
  expect(ok).toBe(code === 0);
  for (const { state, todo } of findings) expect(todo === '').toBe(state === 'ok');
  return { code, found: (what) => findings.filter((finding) => finding.what === what) };
}
