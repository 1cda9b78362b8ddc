// The programs of others that some tests run (Redis, nginx, PgBouncer): which there are, where this machine has them, and
// which test files need one. A file says so in its first lines: `// Needs: redis, nginx`. Knows as well where tests write down
// what else they leave out.
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** Their programs, and the packages of Debian that bring them. */
export const SERVICES = {
  redis: { program: 'redis-server', packages: ['redis-server'] },
  nginx: { program: 'nginx', packages: ['nginx'] },
  pgbouncer: { program: 'pgbouncer', packages: ['pgbouncer'] },
  openssl: { program: 'openssl', packages: ['openssl'] },
};

/** What tests left out during a run, one a line (tests/support/left-out.ts). */
export const LEFT_OUT_FILE = join(root, 'tests', '.artifacts', 'left-out.txt');

/** Where nothing may be left out. */
export function isCI() {
  return !['', '0', 'false'].includes(process.env.CI ?? '');
}

/** What is written down in that file, each once. */
export function notedAsLeftOut(file = LEFT_OUT_FILE) {
  if (!existsSync(file)) return [];
  return [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))].toSorted((a, b) => a.localeCompare(b));
}

/** Where the program of a service stands; null where it doesn't. */
export function findProgram(service) {
  const { program } = SERVICES[service];
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one, then.
    }
  }
  return null;
}

/** The services that this machine lacks. */
export function missingServices() {
  return Object.keys(SERVICES).filter((service) => !findProgram(service));
}

/** Each test file that needs services, and which. */
function needs() {
  const files = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  );
  return files
    .toSorted((a, b) => a.localeCompare(b))
    .flatMap((file) => {
      const head = readFileSync(join(root, 'tests', file), 'utf8').slice(0, 600);
      const [, list] = /^\/\/ Needs: ([a-z, ]+)$/m.exec(head) ?? [];
      return list ? [{ file: `tests/${file}`, services: list.split(', ') }] : [];
    });
}

/**
 * The test files that are left out because the machine lacks what they need: none in CI, where a missing service is a
 * failure.
 */
export function leftOut(missing = isCI() ? [] : missingServices()) {
  return needs()
    .map(({ file, services }) => ({ file, missing: services.filter((service) => missing.includes(service)) }))
    .filter((file) => file.missing.length > 0);
}
