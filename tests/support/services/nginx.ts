// An nginx before the nodes of a test, with the configuration that docs/nginx.conf recommends.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { freePort } from '../server-process.js';
import { makeServiceFolder, startService } from './process.js';

const DOCUMENT = resolve(import.meta.dirname, '../../../docs/nginx.conf');

/** A line of its access log. */
export interface Answered {
  path: string;
  status: number;
  /** HIT, STALE, UPDATING: from the cache alone; MISS, EXPIRED, REVALIDATED: a node was asked; `-`: not cached. */
  cache: string;
  /** `host:port` of the one that was asked last; `-`: none. */
  node: string;
}

export interface Nginx {
  url: string;
  answered(): Answered[];
  end(): Promise<void>;
}

/** Before nodes that listen on these ports of loopback, now or later. */
export async function startNginx(ports: readonly number[]): Promise<Nginx> {
  const folder = makeServiceFolder('nginx');
  const port = await freePort();
  const log = join(folder.path, 'access.log');
  mkdirSync(join(folder.path, 'cache'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder.path}/${name};`,
  );
  // The document names two nodes in each list; here each list has ours.
  const listed = (options: string) => ports.map((node) => `server 127.0.0.1:${node} ${options};\n`).join('');
  const text = readFileSync(DOCUMENT, 'utf8')
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replaceAll(/(?:server 127\.0\.0\.1:\d+ ([^;]+);\s*){2}/g, (_, options: string) => listed(options))
    .replace('/run/nginx.pid', `${folder.path}/nginx.pid`)
    .replace('/var/log/nginx/error.log', 'stderr')
    .replace('/var/log/nginx/access.log', log)
    .replace('/var/lib/nginx/afterword', `${folder.path}/cache`)
    .replace('http {', `http {\n${temporary.join('\n')}`);
  const file = join(folder.path, 'nginx.conf');
  writeFileSync(file, text);
  const url = `http://127.0.0.1:${port}`;
  const nginx = await startService({
    service: 'nginx',
    args: ['-p', folder.path, '-c', file, '-e', 'stderr', '-g', 'daemon off;'],
    // Whatever is behind it: it answers.
    isReady: () =>
      fetch(`${url}/nowhere`).then(
        () => true,
        () => false,
      ),
  }).catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  return {
    url,
    answered: () =>
      [...readFileSync(log, 'utf8').matchAll(/"\w+ (\S+) [^"]*" (\d+) \d+ (\S+) (?:\S+, )*(\S+) /g)].map(
        ([, path, status, cache, node]) => ({
          path: path!,
          status: Number(status),
          cache: cache!,
          node: node!,
        }),
      ),
    end: async () => {
      // Its workers go with it when it is asked; killed, it would leave them.
      nginx.signal('SIGTERM');
      await nginx.exited;
      folder.remove();
    },
  };
}
