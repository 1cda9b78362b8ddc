// The sites of this installation, as the edge needs them: fresh within seconds, without a query for each request.
import { LRUCache } from 'lru-cache';

import { AppError } from '../../shared/errors.js';
import type { SiteRow, Store } from '../store/store.js';
import { SingleFlight } from '../threads/single-flight.js';
import { isOriginAllowed } from './origins.js';

/** How long a change to a site may stay unseen by a running node. */
const FRESH_MS = 5_000;
/**
 * From then on it is looked up beside whoever asks. Nobody waits for it: all who did would go on at the same moment, on a busy
 * node hundreds of requests that the queue (admission.ts) had begun meanwhile, and hold up everything for seconds.
 */
const RENEW_MS = 2_500;

export class Sites {
  readonly #store: Pick<Store, 'site'>;
  readonly #now: () => number;
  readonly #seen = new LRUCache<string, { site: SiteRow | null; at: number }>({ max: 5_000 });
  readonly #looks = new SingleFlight<SiteRow | null>();

  constructor(store: Pick<Store, 'site'>, now: () => number = () => performance.now()) {
    this.#store = store;
    this.#now = now;
  }

  /** Throws `site_unknown`. */
  async get(id: string): Promise<SiteRow> {
    const site = await this.#look(id);
    if (!site) throw new AppError('site_unknown', { field: 'site' });
    return site;
  }

  async #look(id: string): Promise<SiteRow | null> {
    const seen = this.#seen.get(id);
    const age = seen ? this.#now() - seen.at : Infinity;
    if (seen && age < RENEW_MS) return seen.site;
    const looking = this.#looks.run(id, async () => {
      const site = await this.#store.site(id);
      this.#seen.set(id, { site, at: this.#now() });
      return site;
    });
    if (seen && age < FRESH_MS) {
      // Where it fails, the next one asks again.
      looking.catch(() => {});
      return seen.site;
    }
    try {
      return await looking;
    } catch (error) {
      // While the database is away its readers can come back, and are answered from memory.
      if (seen?.site) return seen.site;
      throw error;
    }
  }

  /** Throws `origin_refused` with words for the site's owner. Without an origin (PROC4) nothing is to be checked. */
  mustAccept(site: SiteRow, origin: string | undefined): void {
    if (origin === undefined || isOriginAllowed(origin, site.origins)) return;
    const message =
      origin === 'null'
        ? 'Pages without an address of their own (a file opened from disk, a sandboxed frame) are not accepted: serve the page over http, for example from localhost.'
        : `The site "${site.id}" does not accept pages of this origin. Its owner can add it with: afterword admin site allow ${site.id} ORIGIN`;
    throw new AppError('origin_refused', { message });
  }
}
