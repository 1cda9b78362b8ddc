// Which tests need servers of others (tools/services.mjs): what a machine lacks is named, never passed over in silence.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, vi } from 'vitest';

import { isCI, leftOut, notedAsLeftOut, SERVICES, type ServiceName } from '../../tools/services.mjs';
import { leaveOut } from '../support/left-out.js';

const root = resolve(import.meta.dirname, '../..');
const NAMES = Object.keys(SERVICES) as ServiceName[];

/** What a test file starts, by what it imports, or by the stage of the fault suite that it names. */
function started(file: string): string[] {
  const text = readFileSync(resolve(root, file), 'utf8');
  const imported = [...text.matchAll(/from '[./]+\/support\/services\/(\w+)\.js'/g)].map(([, name]) => name!);
  const staged = [...text.matchAll(/staysSound\('[^']*(Redis|PgBouncer)'/g)].map(([, name]) => name!.toLowerCase());
  return [...imported, ...staged].toSorted();
}

it('a test file that starts a server says so in its first lines, and no other does', () => {
  const files = readdirSync(resolve(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `tests/${file}`);
  const starting = files.filter((file) => started(file).some((name) => name in SERVICES));
  expect(starting.length).toBeGreaterThan(3);
  const said = new Map(leftOut(NAMES).map(({ file, missing }) => [file, missing.toSorted()]));
  expect([...said.keys()].toSorted()).toEqual(starting.toSorted());
  for (const file of starting) expect(said.get(file), file).toEqual(started(file).filter((name) => name in SERVICES));
});

it('only what is missing leaves a file out', () => {
  expect(leftOut([])).toEqual([]);
  const without = leftOut(['nginx']);
  expect(without.every(({ missing }) => missing.join() === 'nginx')).toBe(true);
  expect(without.map(({ file }) => file)).toContain('tests/nodes/nginx.test.ts');
  expect(without.map(({ file }) => file)).not.toContain('tests/contract/bus-redis.test.ts');
});

it('what a test leaves out fails in CI, and is named once elsewhere', () => {
  try {
    for (const [value, is] of [
      ['', false],
      ['0', false],
      ['false', false],
      ['true', true],
      ['1', true],
    ] as const) {
      vi.stubEnv('CI', value);
      expect(isCI(), value).toBe(is);
    }
    expect(() => leaveOut('a full disk', 'no mount')).toThrow(/"a full disk".*no mount/);
  } finally {
    vi.unstubAllEnvs();
  }
  const folder = mkdtempSync(join(tmpdir(), 'afterword-left-out-'));
  const file = join(folder, 'left-out.txt');
  expect(notedAsLeftOut(file)).toEqual([]);
  writeFileSync(file, 'b: why\na: why\nb: why\n');
  expect(notedAsLeftOut(file)).toEqual(['a: why', 'b: why']);
  rmSync(folder, { recursive: true });
});
