// `npm run sbom`: what is shipped, as a CycloneDX bill of materials, into dist/sbom.cdx.json, and its licences into dist/licences.txt (or
// into FOLDER). Made from the lock file and what is installed, so nothing is asked of anybody. Packages that only make or test it are left out.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED } from './bundled-packages.mjs';
import { licencesOf } from './licences.mjs';
import { root } from './run.mjs';

const { name, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const bill = JSON.parse(
  execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }),
);
const needs = new Map(bill.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
const itself = bill.metadata.component['bom-ref'];
const direct = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...BUNDLED]);
const refOf = new Map(bill.components.map((component) => [component['bom-ref'], component]));
/** `@scope/name` stands in two fields where there is a scope. */
const fullName = ({ group, name: short }) => (group ? `${group}/${short}` : short);

const shipped = new Set();
const visit = (ref) => {
  if (shipped.has(ref)) return;
  shipped.add(ref);
  for (const next of needs.get(ref) ?? []) visit(next);
};
const first = needs.get(itself).filter((ref) => refOf.has(ref) && direct.has(fullName(refOf.get(ref))));
first.forEach(visit);

bill.metadata.component.name = name;
bill.components = bill.components.filter((component) => shipped.has(component['bom-ref']));
bill.dependencies = [{ ref: itself, dependsOn: first }, ...bill.dependencies.filter(({ ref }) => shipped.has(ref))];
const folder = process.argv[2] ?? join(root, 'dist');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
const packages = bill.components.map((component) => ({ name: fullName(component), version: component.version }));
writeFileSync(join(folder, 'licences.txt'), licencesOf(packages));
process.stdout.write(`${packages.length} packages in sbom.cdx.json and licences.txt of ${folder}\n`);
