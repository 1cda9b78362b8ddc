// What a package must not be made or published without. Owns the rules; reading the package is its caller's.

const NEEDED = [
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

/** Files that are missing or out of place, and a bill of materials (null: there is none) that is not of this version. */
export function lacksOf({ files, bill, version }) {
  const missing = NEEDED.filter((file) => !files.includes(file)).map((file) => `missing from the package: ${file}`);
  const strangers = files
    .filter((file) => /^(tests|server|widget|shared|data)\//.test(file) || file.endsWith('.map'))
    .map((file) => `not to be in the package: ${file}`);
  const billed = bill?.metadata.component.version;
  const old = bill && billed !== version ? [`dist/sbom.cdx.json is of ${billed}, not of ${version}: npm run sbom`] : [];
  return [...missing, ...strangers, ...old];
}

/** Where a release says by whom and where it was made, npm compares that with the repository that is named here. */
export function lacksForProvenance({ repository, publishConfig }, asked) {
  const url = typeof repository === 'string' ? repository : repository?.url;
  if (!(asked || publishConfig?.provenance) || url) return [];
  return [
    'package.json has no `repository`, without which npm refuses a release with provenance: fill in the public ' +
      'repository from which the CI publishes (docs/releasing.md)',
  ];
}
