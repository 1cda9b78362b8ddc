// The guests of the mixed load, and what they do: write, edit, vote, take back, look up, and be called something else.
// Owns what each may ask for; how often is the caller's.
import { newId } from '../../../shared/ids.js';
import { now } from '../harness/clock.js';
import { someTexts } from '../programs/text.js';
import { makeReadBuffer } from '../wire/connection.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';
import { addressOf } from './soak-readers.js';

export interface WritersOptions {
  port: number;
  count: number;
  keys: readonly string[];
  random: () => number;
  /** Of a reply, from the send to its acknowledgement. */
  onAcknowledged: (ms: number) => void;
  /** The code of an error, or what became of the line. */
  onFault: (fault: string) => void;
}

interface Written {
  id: string;
  thread: string;
  rev: number;
}

interface Writer {
  peer: Peer;
  threads: { id: string; cursor: { epoch: string; seq: number } }[];
  own: Written[];
}

const BODY_LENGTH = 400;
/** Replies that a writer remembers of its own, and all of everybody's. */
const OWN_KEPT = 10;
const KNOWN_KEPT = 500;
const THREADS_EACH = 4;

export class SoakWriters {
  readonly #options: WritersOptions;
  readonly #bodies = someTexts(BODY_LENGTH);
  readonly #writers: Writer[] = [];
  /** The newest replies of everybody. */
  readonly #known: Written[] = [];

  constructor(options: WritersOptions) {
    this.#options = options;
  }

  /** Each is a guest on a line of its own with some threads open. */
  async connect(): Promise<void> {
    const { port, count, keys, onFault, random } = this.#options;
    const buffer = makeReadBuffer();
    for (let i = 0; i < count; i++) {
      const onLost = (error: Error): void => onFault(`a writer lost its line: ${error.message}`);
      const peer = new Peer(port, buffer, AUTH, { onLost, from: addressOf(random()) });
      await peer.connected();
      await peer.ask('me:guest', { name: `Writer ${i + 1}` });
      const writer: Writer = { peer, threads: [], own: [] };
      for (let n = 0; n < THREADS_EACH; n++) {
        const key = keys[(i * THREADS_EACH + n) % keys.length]!;
        const { thread, cursor } = await peer.ask<{ thread: { id: string }; cursor: { epoch: string; seq: number } }>(
          'thread:join',
          { key, limit: 20 },
        );
        writer.threads.push({ id: thread.id, cursor });
      }
      this.#writers.push(writer);
    }
  }

  end(): void {
    for (const { peer } of this.#writers) peer.end();
  }

  /** What can be done, by name; each call does it once. */
  readonly acts = {
    create: () =>
      this.#do(async (writer) => {
        const thread = this.#one(writer.threads).id;
        const id = newId();
        const parent = this.#options.random() < 0.5 ? this.#known.find((known) => known.thread === thread) : undefined;
        const begun = now();
        await writer.peer.ask('reply:create', {
          thread,
          id,
          body: this.#one(this.#bodies),
          ...(parent ? { parent: parent.id } : {}),
        });
        this.#options.onAcknowledged(now() - begun);
        const written = { id, thread, rev: 1 };
        keep(writer.own, written, OWN_KEPT);
        keep(this.#known, written, KNOWN_KEPT);
      }),
    edit: () =>
      this.#do(async ({ peer, own }) => {
        const written = own[0];
        if (!written) return;
        await peer.ask('reply:edit', { id: written.id, body: this.#one(this.#bodies), base: written.rev });
        written.rev += 1;
      }),
    remove: () =>
      this.#do(async ({ peer, own }) => {
        const written = own.pop();
        if (!written) return;
        this.#known.splice(this.#known.indexOf(written), 1);
        await peer.ask('reply:remove', { id: written.id });
        if (this.#options.random() < 0.3) await peer.ask('reply:restore', { id: written.id });
      }),
    vote: () =>
      this.#withKnown((peer, { id }) => peer.ask('reply:vote', { id, value: this.#options.random() < 0.8 ? 1 : 0 })),
    locate: () => this.#withKnown((peer, { id, thread }) => peer.ask('thread:locate', { thread, id, sort: 'oldest' })),
    history: () =>
      this.#do(({ peer, own }) => (own[0] ? peer.ask('reply:history', { id: own[0].id }) : Promise.resolve())),
    page: () =>
      this.#do((writer) =>
        writer.peer.ask('thread:page', {
          thread: this.#one(writer.threads).id,
          parent: null,
          sort: this.#one(['oldest', 'newest', 'best'] as const),
        }),
      ),
    news: () =>
      this.#do((writer) => {
        const { id, cursor } = this.#one(writer.threads);
        return writer.peer.ask('thread:news', { thread: id, since: cursor });
      }),
    preview: () =>
      this.#do((writer) =>
        writer.peer.ask('reply:preview', { thread: this.#one(writer.threads).id, body: this.#one(this.#bodies) }),
      ),
    typing: () =>
      this.#do((writer) => {
        writer.peer.tell('thread:typing', { thread: this.#one(writer.threads).id });
        return Promise.resolve();
      }),
    /** A new discussion: a site grows. */
    open: () =>
      this.#do(async ({ peer }) => {
        const { thread } = await peer.ask<{ thread: { id: string } }>('thread:join', { key: `soak-${newId()}` });
        await peer.ask('thread:leave', { thread: thread.id });
      }),
    rename: () =>
      this.#do(({ peer }) => peer.ask('me:guest', { name: `Writer ${Math.floor(this.#options.random() * 1e6)}` })),
  };

  #do(act: (writer: Writer) => Promise<unknown>): void {
    act(this.#one(this.#writers)).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      this.#options.onFault(/^(\S+) was refused: .*"code":"(\w+)"/.exec(text)?.slice(1, 3).join(' ') ?? text);
    });
  }

  #withKnown(act: (peer: Peer, written: Written) => Promise<unknown>): void {
    this.#do(({ peer }) => (this.#known.length > 0 ? act(peer, this.#one(this.#known)) : Promise.resolve()));
  }

  #one<T>(from: readonly T[]): T {
    return from[Math.floor(this.#options.random() * from.length)]!;
  }
}

/** The newest first. */
function keep<T>(list: T[], item: T, most: number): void {
  list.unshift(item);
  list.length = Math.min(list.length, most);
}
