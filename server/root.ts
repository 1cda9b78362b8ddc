// Where the package stands: what is read at run time beside the code (migrations, the build, package.json) is found from
// there, from sources and from the bundle alike.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file stands in server/, and in the bundle in dist/server/. */
export function projectRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join('dist', 'server')) ? dirname(dirname(here)) : dirname(here);
}

export function migrationsFolder(root: string): string {
  return join(root, 'drizzle', 'migrations');
}

/** Of this program, as package.json says. */
export function programVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
