// Inputs that are kept: what found something once, and what is known to have broken servers like this one.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { KindName } from './kinds.js';
import type { Finding } from './run.js';

const FOLDER = join(import.meta.dirname, 'corpus');

export interface Kept {
  kind: KindName;
  /** What it is, or what it found. */
  why: string;
  inputs: unknown[];
}

export function corpus(): [string, Kept][] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return files.toSorted().map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Kept]);
}

/** Keeps a finding; the file's name. */
export function keep({ kind, seed, inputs, problems }: Finding): string {
  const name = `${kind}-found-${seed}.json`;
  const kept: Kept = { kind, why: problems.join('\n'), inputs };
  writeFileSync(join(FOLDER, name), `${JSON.stringify(kept, null, 2)}\n`);
  return name;
}
