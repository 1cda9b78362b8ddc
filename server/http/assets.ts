// What the build made: the embed script, the widget's chunks, the demo pages. Owns their headers.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The embed script's address never changes, so it is short-lived: an update reaches every page within minutes. */
const LOADER_CACHE = 'public, max-age=300, stale-while-revalidate=86400';
/** Chunks carry a hash of their content in their name (and what does not is as short-lived as the embed script). */
const FOREVER = 'public, max-age=31536000, immutable';
const HASHED = /-[\w-]{6,8}\.\w+$/;

export interface AssetsOptions {
  /** The build's folder, with `widget/` and `demo/`. */
  dist: string;
  publicUrl: string | null;
}

export async function useAssets(http: FastifyInstance, { dist, publicUrl }: AssetsOptions): Promise<void> {
  await http.register(fastifyStatic, { root: join(dist, 'widget'), serve: false, preCompressed: true });

  http.get('/afterword.js', (_request, reply) =>
    reply.headers(anyOrigin).header('cache-control', LOADER_CACHE).sendFile('afterword.js', { cacheControl: false }),
  );
  // The second address is for browsers that could not get a part and don't ask twice for the same.
  for (const address of ['/widget/:file', '/widget/:again(^\\d+$)/:file']) {
    http.get<{ Params: { file: string } }>(address, (request, reply) =>
      reply
        .headers(anyOrigin)
        .header('cache-control', HASHED.test(request.params.file) ? FOREVER : LOADER_CACHE)
        .sendFile(request.params.file, { cacheControl: false }),
    );
  }

  const demo = join(dist, 'demo');
  const page = async (file: string, values: Record<string, string>): Promise<string> =>
    fill(await readFile(join(demo, file), 'utf8'), values);
  http.get('/', async (request, reply) => {
    void reply.headers(pageHeaders(otherOrigin(request))).type('text/html; charset=utf-8');
    return await page('index.html', { publicUrl: publicUrl ?? '', other: otherOrigin(request) });
  });
  http.get('/plain', async (request, reply) => {
    const server = publicUrl ?? otherOrigin(request);
    void reply.headers(pageHeaders(server)).type('text/html; charset=utf-8');
    return await page('plain.html', { server });
  });
  http.get<{ Params: { file: string } }>('/assets/:file', (request, reply) =>
    reply
      .headers(encoded)
      .header('cache-control', FOREVER)
      .sendFile(request.params.file, join(demo, 'assets'), { cacheControl: false }),
  );
  for (const icon of ['favicon.svg', 'mark.svg']) {
    http.get(`/${icon}`, (_request, reply) => reply.sendFile(icon, demo, { maxAge: '1d' }));
  }
  http.get('/favicon.ico', (_request, reply) => reply.redirect('/favicon.svg', 301));
}

/** The build has made a compressed copy of each file; which one is sent depends on what is asked for. */
const encoded = { vary: 'Accept-Encoding' };

/** Scripts are loaded by pages of every origin. */
const anyOrigin = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  ...encoded,
};

/**
 * This machine under its other name, so that a page can be shown on an origin that is not the server's: the demo's
 * second reader is then really another person. Elsewhere than on localhost it is the same origin.
 */
function otherOrigin(request: FastifyRequest): string {
  return ownOrigin(request).replace(/(?<=\/)(localhost|127\.0\.0\.1)(?=:|$)/i, (name) =>
    name === '127.0.0.1' ? 'localhost' : '127.0.0.1',
  );
}

/** This machine as who asks has reached it. */
export function ownOrigin({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${/^[a-z0-9.:[\]-]+$/i.test(host) ? host : 'localhost'}`;
}

/**
 * The demo pages' own strict policy: nothing inline, nobody else but this machine under its other name. As that is told by who
 * asks, no cache may answer others with it.
 */
function pageHeaders(other: string): Record<string, string> {
  const sockets = other.replace(/^http/, 'ws');
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${other}`,
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${other} ${sockets}`,
    `frame-src 'self' ${other}`,
    `frame-ancestors 'self' ${other}`,
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
  ];
  return { 'content-security-policy': policy.join('; '), 'cache-control': 'private, no-cache' };
}

/** Replaces `{{name}}` by its value, escaped for an attribute. */
function fill(html: string, values: Record<string, string>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  });
}
