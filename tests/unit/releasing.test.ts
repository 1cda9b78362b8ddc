// What is refused as a package, and as a release.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

import { lacksForProvenance, lacksOf } from '../../tools/package-lacks.mjs';

const root = resolve(import.meta.dirname, '../..');
const whole = [
  'dist/server/main.js',
  'dist/server/commands.js',
  'dist/widget/afterword.js',
  'dist/demo/index.html',
  'dist/sbom.cdx.json',
  'dist/licences.txt',
  'drizzle/migrations/meta/_journal.json',
  'tools/afterword.mjs',
  'tools/build.mjs',
  'README.md',
  'LICENSE',
];
const billOf = (version: string) => ({ metadata: { component: { version } } });

it('a package without its bill of materials or the licences is refused, and so is one with that of another version', () => {
  const lacks = (files: string[], version = '1.0.0') => lacksOf({ files, bill: billOf(version), version: '1.0.0' });
  expect(lacks(whole)).toEqual([]);
  for (const file of ['dist/sbom.cdx.json', 'dist/licences.txt', 'dist/server/main.js']) {
    expect(lacks(whole.filter((one) => one !== file))).toEqual([expect.stringContaining(file)]);
  }
  expect(lacks([...whole, 'server/main.ts'])).toEqual([expect.stringContaining('server/main.ts')]);
  expect(lacks(whole, '0.9.0')).toEqual([expect.stringContaining('is of 0.9.0, not of 1.0.0')]);
});

it('a release with provenance is refused where no repository is named', () => {
  const publishConfig = { provenance: true };
  expect(lacksForProvenance({ publishConfig }, false)).toEqual([expect.stringContaining('no `repository`')]);
  expect(lacksForProvenance({ publishConfig, repository: { type: 'git' } }, false)).toHaveLength(1);
  expect(lacksForProvenance({}, true)).toHaveLength(1);
  expect(lacksForProvenance({}, false)).toEqual([]);
  const repository = { type: 'git', url: 'git+https://example.com/afterword.git' };
  expect(lacksForProvenance({ publishConfig, repository }, true)).toEqual([]);
});

it('npm makes the bill and looks at the package before it publishes', () => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['prepublishOnly']).toBe('node tools/sbom.mjs && node tools/package.mjs --release');
});
