// The bus over LISTEN and NOTIFY, on two connections of its own. NOTIFY never runs inside a writing transaction: it
// takes one cluster-wide lock through the commit (PUMP3).
import { setTimeout as pause } from 'node:timers/promises';
import type postgres from 'postgres';

import { newId } from '../../shared/ids.js';
import type { Log } from '../log.js';
import { NO_METRICS, type Metrics } from '../metrics/metrics.js';
import type { Bus, GapHint, Hint } from './bus.js';
import { Outgoing } from './outgoing.js';
import { envelope, hear, pack } from './payload.js';

const CHANNEL = 'afterword';
/** What is said within this time goes out in one NOTIFY: imperceptible, and two hundred statements a second at most. */
const COALESCE_MS = 5;
/** How long the last words may take where the database is slow or away. */
const LAST_WORDS_MS = 1_000;
/** How often a node looks whether it still hears itself, and how late it may. */
const ECHO_EVERY_MS = 4_000;
const ECHO_WITHIN_MS = 4_000;
/** PostgreSQL refuses payloads of 8,000 bytes. */
const PAYLOAD_BYTES_MAX = 7_900;

export interface PostgresBusOptions {
  /** Opens a connection pool of this size to the same database, direct (no transaction pooler). */
  connect(max: number): postgres.Sql;
  log: Log;
  metrics?: Metrics;
}

export class PostgresBus implements Bus {
  readonly #node = newId();
  readonly #connect: (max: number) => postgres.Sql;
  #sql: postgres.Sql;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #outgoing = new Outgoing();
  #listener: (hint: Hint | GapHint) => void = () => {};
  /** While there is something to say; never rejects. */
  #sending: Promise<void> | null = null;
  #echoTimer: NodeJS.Timeout | null = null;
  #heardItself: () => void = () => {};
  #stopped = false;

  constructor({ connect, log, metrics = NO_METRICS }: PostgresBusOptions) {
    this.#connect = connect;
    // One for LISTEN (the driver opens it by itself), one for NOTIFY.
    this.#sql = connect(1);
    this.#log = log;
    this.#metrics = metrics;
  }

  async start(listener: (hint: Hint | GapHint) => void): Promise<void> {
    this.#listener = listener;
    await this.#listen();
    this.#echoLater();
  }

  async #listen(): Promise<void> {
    await this.#sql.listen(
      CHANNEL,
      (payload) =>
        hear(payload, this.#listener, {
          self: this.#node,
          log: this.#log,
          metrics: this.#metrics,
          heardItself: () => this.#heardItself(),
        }),
      // Called for the first LISTEN and after each lost connection: hints may be missing.
      () => this.#listener({ kind: 'gap' }),
    );
  }

  #echoLater(): void {
    this.#echoTimer = setTimeout(() => {
      void this.#echo().finally(() => this.#stopped || this.#echoLater());
    }, ECHO_EVERY_MS);
  }

  /**
   * A connection that only listens asks nothing, so that one which a network has forgotten would not be found out. What a node
   * says comes back to it; where it doesn't, both connections are opened anew. Where the database is away the driver dials.
   */
  async #echo(): Promise<void> {
    const heard = new Promise<void>((resolve) => (this.#heardItself = resolve));
    const said = this.#sql`select pg_notify(${CHANNEL}, ${envelope(this.#node, [])})`.then(() => heard);
    const late = pause(ECHO_WITHIN_MS, 'late', { ref: false });
    const outcome = await Promise.race([said, late]).catch(() => 'away');
    if (outcome !== 'late' || this.#stopped) return;
    this.#log.warn('the hints of other nodes are not heard any more: listening anew');
    const lost = this.#sql;
    this.#sql = this.#connect(1);
    await Promise.allSettled([lost.end({ timeout: 0 }), this.#listen()]);
  }

  publish(hint: Hint): void {
    if (this.#stopped) return;
    this.#outgoing.add(hint);
    this.#sending ??= this.#sendAll();
  }

  get waiting(): number {
    return this.#outgoing.waiting;
  }

  /** One statement at a time: what is said while the database takes it is merged, and waits here, where that is bounded. */
  async #sendAll(): Promise<void> {
    while (this.#outgoing.size > 0) {
      await pause(COALESCE_MS);
      await this.#send();
    }
    // In the same step as the last look: what is said a moment later begins anew.
    this.#sending = null;
  }

  async #send(): Promise<void> {
    const hints = this.#outgoing.take();
    try {
      for (const payload of pack(this.#node, hints, PAYLOAD_BYTES_MAX)) {
        await this.#sql`select pg_notify(${CHANNEL}, ${payload})`;
      }
      this.#metrics.hints('sent', hints.length);
    } catch (error) {
      this.#metrics.hints('lost', hints.length);
      if (!this.#stopped) this.#log.warn({ error }, 'a hint to the other nodes was lost; their poll finds the change');
    } finally {
      this.#outgoing.done();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#echoTimer) clearTimeout(this.#echoTimer);
    if (this.#sending) await Promise.race([this.#sending, pause(LAST_WORDS_MS, undefined, { ref: false })]);
    await this.#sql.end({ timeout: 1 });
  }
}
