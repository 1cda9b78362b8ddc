// The licences of what is shipped, as their owners wrote them: most ask that the text goes with each copy.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** One text for packages of these names and versions, from the folders that the lock file names. */
export function licencesOf(packages) {
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const folders = Object.entries(locked).map(([folder, { version }]) => ({ folder, version }));
  return packages
    .map(({ name, version }) => {
      const found = folders.find(
        (one) =>
          one.version === version && one.folder.endsWith(`node_modules/${name}`) && existsSync(join(root, one.folder)),
      );
      return found === undefined ? '' : section(name, version, join(root, found.folder));
    })
    .join('');
}

function section(name, version, folder) {
  const { license = 'see its page' } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => TEXTS.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n') || 'It comes without a text.'}\n\n`;
}
