// Which request costs what, and whose bucket it comes from. Owns the figures.
import { AppError } from '../../shared/errors.js';
import { networkOf } from './addresses.js';
import { Buckets, type Rate } from './buckets.js';

/** What a request is charged as; each kind has its buckets. */
export type Kind = 'read' | 'preview' | 'join' | 'write' | 'guest' | 'line' | 'connect' | 'http';
/** What some of them make, which is charged besides: a thread that a join creates, a first page as HTML. */
export type Making = 'thread' | 'page';

interface Rates {
  author?: Rate;
  address?: Rate;
}

/** Any message of one socket: a lively reader needs about one a second. */
const SOCKET: Rate = { burst: 60, perSecond: 20 };

/** An address may be a whole school, so it gets several times what one person needs. */
const RATES: Record<Kind, Rates> = {
  read: {},
  preview: { address: { burst: 60, perSecond: 10 } },
  join: { address: { burst: 200, perSecond: 20 } },
  write: { author: { burst: 20, perSecond: 0.5 }, address: { burst: 120, perSecond: 5 } },
  guest: { address: { burst: 60, perSecond: 1 } },
  // Of the handshake, which a browser can read the refusal of. The line below it was opened first, some 6 kB for the time that
  // it may be silent; readers who come back by the thousand are told to wait by their handshakes long before that is refused.
  connect: { address: { burst: 300, perSecond: 30 } },
  line: { address: { burst: 1_500, perSecond: 150 } },
  http: { address: { burst: 300, perSecond: 50 } },
};
const RATES_OF_MAKING: Record<Making, Rates> = {
  // A row for good, which a script could make by the million. Behind one address many may open pages of a site that is new
  // here: who has to wait, a second at most, reads the empty discussion over HTTP meanwhile.
  thread: { address: { burst: 200, perSecond: 1 } },
  // By size (`tokensOf` in http/api.ts), a token for about a millisecond of the processor: a tenth of it for one address, and
  // twenty large ones at once.
  page: { address: { burst: 1_200, perSecond: 100 } },
};
export const KINDS = Object.keys(RATES) as readonly Kind[];

export interface Payer {
  socket?: string;
  author?: string | undefined;
  /** Whatever the libraries' types say: undefined where the line was cut before its request is looked at. All of these are one. */
  address: string | undefined;
}

export class RateLimits {
  readonly #socket = new Buckets(SOCKET);
  readonly #buckets = new Map<string, Buckets>();
  readonly #on: boolean;

  constructor(on: boolean) {
    this.#on = on;
    for (const [kind, rates] of Object.entries({ ...RATES, ...RATES_OF_MAKING })) {
      for (const [who, rate] of Object.entries(rates)) this.#buckets.set(`${kind} ${who}`, new Buckets(rate));
    }
  }

  /**
   * Throws `rate_limited` with the time after which the same request would pass. What is refused costs nothing: somebody
   * who floods must not use up what others at the same address have.
   */
  charge(kind: Kind | Making, payer: Payer): void {
    this.reserve(kind, payer, 1);
  }

  /**
   * The same for what costs up to `most` tokens, and nobody knows yet how many: those are taken, and what is returned gives
   * back, once, all but the ones that were used.
   */
  reserve(kind: Kind | Making, { socket, author, address }: Payer, most: number): (used: number) => void {
    if (!this.#on) return () => {};
    const payers: [Buckets | undefined, string | undefined][] = [
      [this.#socket, socket],
      [this.#buckets.get(`${kind} author`), author],
      [this.#buckets.get(`${kind} address`), networkOf(address ?? '')],
    ];
    const due = payers.flatMap(([buckets, key]) => (buckets && key !== undefined ? [{ buckets, key }] : []));
    const retryAfterMs = Math.max(0, ...due.map(({ buckets, key }) => buckets.wait(key, most)));
    if (retryAfterMs > 0) throw new AppError('rate_limited', { retryAfterMs });
    for (const { buckets, key } of due) buckets.spend(key, most);
    return (used) => {
      for (const { buckets, key } of due) buckets.spend(key, Math.min(used, most) - most);
    };
  }
}
