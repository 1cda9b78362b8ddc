// Each dependency has a reason, an exact version, and where private parts of one are used, that one version and no other.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { BUNDLED } from '../../tools/bundled-packages.mjs';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies?: Record<string, string>;
  overrides: Record<string, string | Record<string, string>>;
  publishConfig: unknown;
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };

it('docs/dependencies.md has a reason for each dependency, and none for others', () => {
  const [beside, database, bundled, development] = read('docs/dependencies.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [...section.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, name]) => name!));
  expect(beside).toEqual(Object.keys(manifest.dependencies));
  expect(database).toEqual(Object.keys(manifest.optionalDependencies));
  expect(bundled).toEqual(BUNDLED);
  expect([...bundled!, ...development!].toSorted()).toEqual(Object.keys(manifest.devDependencies).toSorted());
});

it('what the server and the widget import is in their files, or installed beside them', () => {
  const imported = ['server', 'widget', 'shared', 'drizzle', 'demo'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...read(join(folder, name)).matchAll(
          /^(?:import|\} from) (?!type ).*?'((?:@[\w-]+\/)?[\w.-]+)(?:\/[^']*)?';$/gm,
        ),
      ]),
  );
  const names = new Set(imported.map(([, name]) => name!).filter((name) => !name.startsWith('.') && !isBuiltin(name)));
  expect(names.size).toBeGreaterThan(20);
  expect([...BUNDLED, ...Object.keys(manifest.dependencies)]).toEqual(expect.arrayContaining([...names]));
});

it('pins exact versions', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  }
});

it('has those versions of Engine.IO and ws installed whose private parts are used', () => {
  const { 'engine.io': engine } = manifest.overrides as { 'engine.io': Record<string, string> };
  const installed = (name: string, below: string): string | undefined => {
    const { packages } = lock;
    return (packages[`node_modules/${below}/node_modules/${name}`] ?? packages[`node_modules/${name}`])?.version;
  };
  expect(installed('engine.io', 'socket.io')).toBe(engine['.']);
  expect(installed('ws', 'engine.io')).toBe(engine['ws']);
});

it('publishes with provenance only', () => {
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
});

it('lists what is shipped, what a build puts into its files included, and not what only made it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'afterword-sbom-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync(process.execPath, ['tools/sbom.mjs', folder], { cwd: root, stdio: 'ignore' });
  const { bomFormat, components } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string;
    components: { name: string; group?: string; version: string; hashes?: unknown[] }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  const found = new Map(components.map(({ group, name, version }) => [group ? `${group}/${name}` : name, version]));
  const { dependencies, devDependencies } = manifest;
  for (const [name, version] of Object.entries(dependencies)) expect(found.get(name), name).toBe(version);
  for (const name of BUNDLED) expect(found.get(name), name).toBe(devDependencies[name]);
  for (const name of ['vite', 'vitest', 'typescript', 'playwright-core']) expect(found.has(name), name).toBe(false);
  expect(components.every(({ hashes }) => hashes?.length)).toBe(true);
  const licences = readFileSync(join(folder, 'licences.txt'), 'utf8');
  for (const name of BUNDLED) expect(licences).toContain(`\n${name} ${devDependencies[name]} (`);
  expect(licences).toContain('Permission is hereby granted');
});
