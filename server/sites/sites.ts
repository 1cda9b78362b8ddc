// The sites of this installation, as the edge needs them: fresh within seconds, without a query for each request.
import { LRUCache } from 'lru-cache';

import { AppError } from '../../shared/errors.js';
import type { SiteRow, Store } from '../store/store.js';
import { isOriginAllowed } from './origins.js';

/** How long a change to a site may stay unseen by a running node. */
const FRESH_MS = 5_000;

export class Sites {
  readonly #store: Pick<Store, 'site'>;
  readonly #kept = new LRUCache<string, { site: SiteRow | null }>({ max: 5_000, ttl: FRESH_MS });

  constructor(store: Pick<Store, 'site'>) {
    this.#store = store;
  }

  /** Throws `site_unknown`. */
  async get(id: string): Promise<SiteRow> {
    const kept = this.#kept.get(id) ?? { site: await this.#store.site(id) };
    this.#kept.set(id, kept, { noUpdateTTL: true });
    if (!kept.site) throw new AppError('site_unknown', { field: 'site' });
    return kept.site;
  }

  /** Throws `origin_refused` with words for the site's owner. Without an origin (PROC4) nothing is to be checked. */
  mustAccept(site: SiteRow, origin: string | undefined): void {
    if (origin === undefined || isOriginAllowed(origin, site.origins)) return;
    const message =
      origin === 'null'
        ? 'Pages without an address of their own (a file opened from disk, a sandboxed frame) are not accepted: serve the page over http, for example from localhost.'
        : `The site "${site.id}" does not accept pages of this origin. Its owner can add it with: npm run admin -- site allow ${site.id} ORIGIN`;
    throw new AppError('origin_refused', { message });
  }
}
