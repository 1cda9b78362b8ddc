// The public HTTP interface: the first page of a thread for the first paint, and counts.
import { Negotiator } from '@fastify/accept-negotiator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { COUNT_KEYS_MAX, KEY_MAX, PAGE_DEFAULT, PAGE_MAX, SITE_MAX } from '../../shared/limits.js';
import type { Admission } from '../admission.js';
import { inTime } from '../deadline.js';
import type { SiteRow } from '../store/store.js';
import type { Sites } from '../sites/sites.js';
import { parse } from '../socket/guard.js';
import type { RateLimits } from '../socket/limits.js';
import { wellFormed } from '../socket/schemas.js';
import type { Threads } from '../threads/threads.js';
import { whole } from '../whole.js';
import { ownOrigin } from './assets.js';
import { ENCODINGS, FirstPages, type Encoding, type Wanted } from './first-pages.js';
import { FragmentQuery, Fragments, type FragmentsOptions } from './fragments.js';

/** In decimal digits alone: `0x10`, `1e1`, `+5` and ` 5` are numbers for JavaScript, and for no one who reads an address. */
function wholeNumber(min: number, max: number): z.ZodType<number> {
  const told = `A whole number from ${min} to ${max}, in digits.`;
  return z
    .string(told)
    .refine((text) => whole(text, min, max) !== undefined, told)
    .transform(Number);
}

const Params = z.strictObject({ site: wellFormed(SITE_MAX).min(1) });
const ThreadQuery = z.strictObject({
  key: wellFormed(KEY_MAX).min(1),
  sort: z.enum(['oldest', 'newest', 'best']).default('oldest'),
  limit: wholeNumber(1, PAGE_MAX).default(PAGE_DEFAULT),
});
const keys = z.array(wellFormed(KEY_MAX).min(1)).min(1).max(COUNT_KEYS_MAX);
const CountsQuery = z.strictObject({ key: z.preprocess((key) => (Array.isArray(key) ? key : [key]), keys) });

/**
 * Browsers ask again each time (the entity tag makes that cheap) and so never show a reader less than they have seen;
 * a shared cache may answer for a second, and for ten while it asks: that is said to it alone (RFC 9213), because some
 * browsers would take it for theirs.
 */
const CACHE = {
  'cache-control': 'public, max-age=0, must-revalidate, s-maxage=1',
  'cdn-cache-control': 'public, max-age=1, stale-while-revalidate=10',
};

/** What holds the address at which it was asked for, which whoever asks may make up, is for them alone. */
const OWN = { 'cache-control': 'private, max-age=0, must-revalidate', 'cdn-cache-control': 'no-store' };

/** More is not charged: twenty such pages may be made at once. */
const PAGE_TOKENS_MAX = 60;
/**
 * What a first page as HTML costs to make; nothing where it was not made. Another one is made for each title, so that what is
 * kept is no bound. Measured: 4 ms for an empty page, 31 for 156 kB, 42 for 382 kB; for 5 MB, of the longest texts, 135.
 */
const tokensOf = (bytes: number): number => (bytes === 0 ? 0 : 3 + Math.ceil(bytes / 10_000));

/** Whoever opens it by itself sees what stands in it; nothing runs. */
const FRAGMENT_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; sandbox";

export interface ApiOptions extends FragmentsOptions {
  threads: Threads;
  sites: Sites;
  limits: RateLimits;
  admission: Pick<Admission, 'enter'>;
}

export async function useApi(http: FastifyInstance, options: ApiOptions): Promise<void> {
  const { threads, sites, limits, admission } = options;
  const pages = new FirstPages(threads, admission);
  const encodings = new Negotiator<Encoding>({
    supportedValues: [...ENCODINGS, 'identity'],
    cache: new LRUCache({ max: 100 }),
  });
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<SiteRow> => {
    const { origin } = request.headers;
    void reply.header('vary', 'Origin');
    // Refusals, too, must be readable by the page that is to show them.
    if (origin !== undefined) void reply.header('access-control-allow-origin', origin);
    limits.charge('http', { address: request.ip });
    const site = await inTime(sites.get(parse(Params, request.params).site));
    sites.mustAccept(site, origin);
    return site;
  };

  const send = async (
    from: FirstPages,
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: Omit<Wanted, 'encoding' | 'has'>,
    cache = CACHE,
  ): Promise<FastifyReply> => {
    const known = request.headers['if-none-match'];
    const page = await inTime(
      from.get({
        ...wanted,
        encoding: encodings.negotiate(String(request.headers['accept-encoding'] ?? '')) ?? 'identity',
        has: (tag) => matches(known, tag),
      }),
    );
    void reply.headers({ ...cache, etag: page.tag, vary: 'Origin, Accept-Encoding' });
    if (!page.bytes) return reply.code(304).send();
    if (page.encoding !== 'identity') void reply.header('content-encoding', page.encoding);
    return reply.type(wanted.form ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8').send(page.bytes);
  };

  http.get('/api/v1/sites/:site/thread', async (request, reply) => {
    const site = await admit(request, reply);
    return await send(pages, request, reply, { siteId: site.id, ...parse(ThreadQuery, request.query) });
  });

  const fragments = await Fragments.make(options);
  http.get('/api/v1/sites/:site/thread.html', async (request, reply) => {
    const site = await admit(request, reply);
    const { key, sort, limit, ...rest } = parse(ThreadQuery.extend(FragmentQuery), request.query);
    const pay = (): ((bytes: number) => void) => {
      const used = limits.reserve('page', { address: request.ip }, PAGE_TOKENS_MAX);
      return (bytes) => used(tokensOf(bytes));
    };
    const form = fragments.form({ site: site.id, key, sort, limit, ...rest }, ownOrigin(request));
    void reply.header('content-security-policy', FRAGMENT_POLICY);
    const wanted = { siteId: site.id, key, sort, limit, form, pay };
    return await send(fragments.pages, request, reply, wanted, fragments.tellsServer(rest) ? OWN : CACHE);
  });

  http.get('/api/v1/sites/:site/counts', async (request, reply) => {
    const site = await admit(request, reply);
    const asked = parse(CountsQuery, request.query).key;
    const done = await admission.enter('read');
    const found = await inTime(threads.counts(site.id, asked).finally(done));
    void reply.headers(CACHE);
    return { counts: Object.fromEntries(asked.map((key) => [key, found.get(key) ?? 0])) };
  });
}

/** Whether one of the tags of an `If-None-Match` header is this one; the weak comparison of RFC 9110, 13.1.2. */
function matches(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((known) => ['*', tag].includes(known.trim().replace(/^W\//, ''))) ?? false;
}
