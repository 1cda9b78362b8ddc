// Guests: people who gave a name and nothing else, one for each browser and site.
import { AppError, invalid } from '../../shared/errors.js';
import type { Me } from '../../shared/views.js';
import type { AuthorRow, SiteRow, Store } from '../store/store.js';
import { normaliseName, passesFor } from './names.js';
import type { Tokens } from './tokens.js';

/** Of an origin, without what only says that it is a site. */
const HOST = /^\w+:\/\/(?:www\.)?([^/:]+)/;

export class Guests {
  readonly #store: Pick<Store, 'putAuthor' | 'author'>;
  readonly #tokens: Tokens;

  constructor(store: Pick<Store, 'putAuthor' | 'author'>, tokens: Tokens) {
    this.#store = store;
    this.#tokens = tokens;
  }

  /**
   * Makes a guest of this name and id, or renames the one who speaks already; what they wrote keeps the name it was written
   * under (SEQ7). Throws `invalid` with the field `name`.
   */
  async become(
    site: SiteRow,
    current: AuthorRow | null,
    rawName: string,
    newcomer: string,
  ): Promise<{ author: AuthorRow; token: string; me: Me }> {
    const name = normaliseName(rawName);
    const owner = site.ownerName === null ? [] : [site.ownerName];
    const hosts = site.origins.flatMap((origin) => HOST.exec(origin)?.[1] ?? []);
    const reserved = [site.name, ...owner, ...hosts, ...hosts.map((host) => `www.${host}`)];
    if (passesFor(name, reserved, [site.id, site.name, ...owner, ...hosts]))
      throw invalid('name', 'This name is kept for those who run the site.');
    const id = current?.badge === 'guest' ? current.id : newcomer;
    const author: AuthorRow = { id, siteId: site.id, name, badge: 'guest' };
    await this.#store.putAuthor(author);
    const token = await this.#tokens.issueGuest({ author: id, site: site.id });
    return { author, token, me: { id, name, badge: 'guest' } };
  }

  /**
   * Who a token speaks for, and a new token where this one is to be replaced. Throws `token_invalid`, also where the author
   * is not there any more.
   */
  async byToken(site: SiteRow, token: string): Promise<{ author: AuthorRow; fresh: string | null }> {
    const { author: id, renew } = await this.#tokens.verify(token, site.id);
    const author = await this.#store.author(id);
    if (author?.siteId !== site.id) throw new AppError('token_invalid');
    return { author, fresh: renew ? await this.#tokens.issueGuest({ author: id, site: site.id }) : null };
  }
}
