// The bus over Redis or Valkey: sixteen channels, sharded where the server knows that, each for the threads of one last
// digit. Owns coming back after a loss, and saying once what is wrong. Keeps nothing in Redis.
import { setTimeout as pause } from 'node:timers/promises';

import { newId } from '../../shared/ids.js';
import type { Log } from '../log.js';
import { NO_METRICS, type Metrics } from '../metrics/metrics.js';
import type { Bus, GapHint, Hint } from './bus.js';
import { Outgoing } from './outgoing.js';
import { hear, pack } from './payload.js';
import { openRedisLine, type RedisLine } from './redis-line.js';

/** One for each last digit of a thread's id; on a cluster they spread over its nodes. Every node hears all of them. */
const CHANNELS = 16;
/** Small enough that no other message waits long behind it. */
const PAYLOAD_BYTES_MAX = 60_000;
/** How long the last words may take where Redis is slow or away. */
const LAST_WORDS_MS = 1_000;
/** Between attempts: first and longest pause, halved at random so that the nodes don't return in one moment. */
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;

export interface RedisBusOptions {
  /** `redis://user:password@host:port/database`, or `rediss://`; of a cluster, any of its nodes. */
  url: string;
  log: Log;
  metrics?: Metrics;
}

export class RedisBus implements Bus {
  readonly #node = newId();
  readonly #url: string;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #outgoing = new Outgoing();
  readonly #channels: readonly string[];
  readonly #stopping = new AbortController();
  #line: RedisLine | null = null;
  #sending: Promise<void> | null = null;
  /** What was last said to be wrong; null while nothing is. */
  readonly #troubles = new Set<string>();

  constructor({ url, log, metrics = NO_METRICS }: RedisBusOptions) {
    this.#url = url;
    this.#log = log;
    this.#metrics = metrics;
    // Publishing disregards the number of the database: installations that share a server by it would hear each other.
    const database = new URL(url).pathname.slice(1) || '0';
    this.#channels = Array.from({ length: CHANNELS }, (_, n) => `afterword:${database}:${n.toString(16)}`);
  }

  /** Resolves when the first attempt is over, whether or not it reached Redis: the server starts without it, too. */
  start(listener: (hint: Hint | GapHint) => void): Promise<void> {
    return new Promise((resolve) => {
      void this.#keepLine(listener, resolve);
    });
  }

  async #keepLine(listener: (hint: Hint | GapHint) => void, tried: () => void): Promise<void> {
    const { signal } = this.#stopping;
    for (let retryMs = RETRY_FIRST_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      try {
        const line = await openRedisLine({
          url: this.#url,
          channels: this.#channels,
          heard: (text) => this.#heard(text, listener),
          greeting: JSON.stringify({ node: this.#node, hints: [] }),
        });
        if (signal.aborted) return line.close();
        this.#line = line;
        retryMs = RETRY_FIRST_MS;
        this.#well();
        // Hints may be missing from before.
        listener({ kind: 'gap' });
        tried();
        this.#send();
        const error = await line.lost;
        this.#line = null;
        this.#wrong(error);
        line.close();
      } catch (error) {
        this.#wrong(error as Error);
      }
      tried();
      await pause(retryMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }

  #wrong(error: Error): void {
    if (this.#stopping.signal.aborted || this.#troubles.has(error.message)) return;
    this.#troubles.add(error.message);
    this.#log.warn(
      { reason: error.message || error.name },
      'Redis can not be used; other nodes learn of changes by their poll until it is back',
    );
  }

  #well(): void {
    if (this.#troubles.size > 0) this.#log.info('Redis is back');
    this.#troubles.clear();
  }

  #heard(text: string, listener: (hint: Hint) => void): void {
    if (this.#stopping.signal.aborted) return;
    hear(text, listener, { self: this.#node, log: this.#log, metrics: this.#metrics });
  }

  publish(hint: Hint): void {
    if (this.#stopping.signal.aborted) return;
    this.#outgoing.add(hint);
    this.#send();
  }

  get waiting(): number {
    return this.#outgoing.waiting;
  }

  /** At once where nothing is under way; what is said meanwhile goes together when that has arrived. */
  #send(): void {
    if (!this.#sending) this.#sending = this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    // What is said in this moment is merged.
    await new Promise(setImmediate);
    for (let got = true; got && this.#line && this.#outgoing.size > 0;) {
      const line = this.#line;
      const hints = this.#outgoing.take();
      const sent = [...this.#payloads(hints)].map(([channel, text]) => line.publish(channel, text));
      // Where one did not arrive, the line says itself that it is lost.
      got = (await Promise.allSettled(sent)).every(({ status }) => status === 'fulfilled');
      this.#outgoing.done();
      this.#metrics.hints(got ? 'sent' : 'lost', hints.length);
    }
    // In the same step as the last look: what is said a moment later begins anew.
    this.#sending = null;
  }

  *#payloads(said: readonly Hint[]): Generator<[string, string]> {
    const byChannel = new Map<string, Hint[]>();
    for (const hint of said) {
      const channel = this.#channels[Number.parseInt(hint.thread.slice(-1), 16)]!;
      const hints = byChannel.get(channel);
      if (hints) hints.push(hint);
      else byChannel.set(channel, [hint]);
    }
    for (const [channel, hints] of byChannel) {
      for (const text of pack(this.#node, hints, PAYLOAD_BYTES_MAX)) yield [channel, text];
    }
  }

  async stop(): Promise<void> {
    const lastWords = this.#sending ?? Promise.resolve();
    this.#stopping.abort();
    await Promise.race([lastWords, pause(LAST_WORDS_MS, undefined, { ref: false })]);
    this.#line?.close();
    this.#line = null;
  }
}
