// First pages as ready bytes: built once for each version of a thread, order and size, and compressed once for each
// encoding, so that a crowd at one article costs the server little more than the writing of the same buffer.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';

import { NIL_ID } from '../../shared/ids.js';
import type { Cursor, Snapshot, Sort } from '../../shared/views.js';
import type { Admission } from '../admission.js';
import { SingleFlight } from '../threads/single-flight.js';
import type { Threads } from '../threads/threads.js';

const KEPT_BYTES = 64 * 1024 * 1024;
/** Smaller than a packet: compressing saves nothing. */
const COMPRESS_FROM_BYTES = 1_024;
/** A third faster than the next one up, and 2 % larger. */
const BROTLI_QUALITY = 5;

export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number] | 'identity';

const COMPRESS: Record<Exclude<Encoding, 'identity'>, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gzip: (bytes) => promisify(gzip)(bytes),
};

export interface Wanted {
  siteId: string;
  key: string;
  sort: Sort;
  limit: number;
  encoding: Encoding;
  /** How it is written where that is not JSON. */
  form?: Form | undefined;
  /** Whether who asks has the bytes of this tag already. */
  has(tag: string): boolean;
  /** Called before a page is made, and may refuse it; what is returned is told how large it has become, 0 where it was not made. */
  pay?: (() => (bytes: number) => void) | undefined;
}

export interface Form {
  /** Another one for all that it depends on beside the snapshot; letters, digits, `-` and `_`. */
  name: string;
  write(snapshot: Snapshot): Promise<string>;
}

export interface FirstPage {
  /** A strong entity tag: of the version, the order, the size and the encoding. */
  tag: string;
  encoding: Encoding;
  /** Null: who asks has them already. */
  bytes: Buffer | null;
}

interface Kept {
  cursor: Cursor;
  plain: Buffer;
  encoded: Map<Encoding, Promise<Buffer>>;
}

export class FirstPages {
  readonly #threads: Pick<Threads, 'version' | 'snapshot'>;
  readonly #admission: Pick<Admission, 'enter'>;
  readonly #kept: LRUCache<string, Kept>;
  readonly #builds = new SingleFlight<Kept>();

  /** `maxBytes`: what all of them together may take. */
  constructor(
    threads: Pick<Threads, 'version' | 'snapshot'>,
    admission: Pick<Admission, 'enter'>,
    maxBytes = KEPT_BYTES,
  ) {
    this.#threads = threads;
    this.#admission = admission;
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      // The compressed ones together are about as large as a half.
      sizeCalculation: ({ plain }) => Math.ceil(plain.length * 1.5) + 500,
    });
  }

  /** Never behind what was written through this node, nor by more than a second behind another one (HTTP4). */
  async get(wanted: Wanted): Promise<FirstPage> {
    const { siteId, key, sort, limit } = wanted;
    // Site ids have no space, and neither has an order or a form.
    const name = `${siteId} ${sort} ${limit} ${wanted.form?.name ?? ''} ${key}`;
    try {
      const version = await this.#threads.version(siteId, key);
      if (!version) return await encode(await paid(wanted, () => keptOf(emptySnapshot(key), wanted)), wanted);
      const { threadId, cursor } = version;
      const tag = tagOf(cursor, wanted);
      if (wanted.has(tag)) return { tag, encoding: wanted.encoding, bytes: null };
      const kept = this.#kept.get(name);
      if (kept && isSame(kept.cursor, cursor)) return await encode(kept, wanted);
      // By version: whoever asks after a write must not be given the page that was being built before it.
      const flight = `${name} ${cursor.epoch} ${cursor.seq}`;
      const build = () => this.#builds.run(flight, () => this.#build(name, threadId, wanted));
      // Who comes while it is made has made nothing.
      return await encode(await (this.#builds.has(flight) ? build() : paid(wanted, build)), wanted);
    } catch (error) {
      // The database is away, or everything is too busy for a new page: an earlier one is better than none.
      const kept = this.#kept.get(name);
      if (!kept) throw error;
      return await encode(kept, wanted);
    }
  }

  async #build(name: string, threadId: string, wanted: Wanted): Promise<Kept> {
    const { key, sort, limit } = wanted;
    const done = await this.#admission.enter('read');
    try {
      const kept = await keptOf((await this.#threads.snapshot(threadId, sort, limit)) ?? emptySnapshot(key), wanted);
      this.#kept.set(name, kept);
      return kept;
    } finally {
      done();
    }
  }
}

async function paid({ pay }: Wanted, make: () => Promise<Kept>): Promise<Kept> {
  const tell = pay?.();
  let bytes = 0;
  try {
    const kept = await make();
    bytes = kept.plain.length;
    return kept;
  } finally {
    tell?.(bytes);
  }
}

async function keptOf(snapshot: Snapshot, { form }: Wanted): Promise<Kept> {
  const plain = Buffer.from(form ? await form.write(snapshot) : JSON.stringify(snapshot));
  return { cursor: snapshot.cursor, plain, encoded: new Map() };
}

async function encode(kept: Kept, wanted: Wanted): Promise<FirstPage> {
  const encoding = kept.plain.length < COMPRESS_FROM_BYTES ? 'identity' : wanted.encoding;
  const tag = tagOf(kept.cursor, { ...wanted, encoding });
  return { tag, encoding, bytes: wanted.has(tag) ? null : await bytesOf(kept, encoding) };
}

function bytesOf({ plain, encoded }: Kept, encoding: Encoding): Buffer | Promise<Buffer> {
  if (encoding === 'identity') return plain;
  let bytes = encoded.get(encoding);
  if (!bytes) encoded.set(encoding, (bytes = COMPRESS[encoding](plain)));
  return bytes;
}

function tagOf({ epoch, seq }: Cursor, { sort, limit, encoding, form }: Wanted): string {
  const rest = [form?.name, encoding === 'identity' ? undefined : encoding].filter((part) => part !== undefined);
  return `"${[epoch, seq, sort, limit, ...rest].join('.')}"`;
}

function isSame(a: Cursor, b: Cursor): boolean {
  return a.epoch === b.epoch && a.seq === b.seq;
}

/** A thread that nobody has joined yet. */
function emptySnapshot(key: string): Snapshot {
  return {
    cursor: { epoch: NIL_ID, seq: 0 },
    thread: { id: NIL_ID, key, url: null, title: null, count: 0, state: 'open' },
    replies: [],
    more: null,
  };
}
