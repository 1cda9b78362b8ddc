// The load of B1: readers that listen, one publisher on a schedule, and the times in between. See ../fanout.ts for what
// is compared.
import { newId } from '../../../shared/ids.js';
import { now } from '../harness/clock.js';
import { quantile } from '../harness/statistics.js';
import { runPlan } from '../harness/ticker.js';
import { Tap } from '../wire/tap.js';
import { Arrivals, type Books, type Spread } from './arrivals.js';
import { Crowd, type Kind } from './crowd.js';
import { makePublisher, type Publisher } from './publisher.js';
import { Pushes } from './pushes.js';

/** How long the last push may be under way before it counts as missing. */
const LATEST_MS = 10_000;

export interface FanoutResult {
  /** From the moment at which the server was handed what makes it publish. */
  published: Spread;
  /** From the intended send, a durable insert included. */
  endToEnd: Spread;
  books: Books;
  /** How late the publisher sent, 99 of 100, in milliseconds. */
  slipP99: number;
  /** Part of the time between the first and the last reader of a push in which this process was busy, 0 to 1. */
  busy: number;
  frameBytes: number;
  problems: string[];
  /** Of each event, in the clock's time: when it could be published, and when the last of all readers had it. */
  events: { handed: number | null; everywhere: number | null }[];
}

interface ConnectOptions {
  kind: Kind;
  port: number;
  readers: number;
  publisherPort?: number;
}

interface Measurement {
  arrivals: Arrivals;
  /** Event numbers by the reply's id. */
  ids: Map<string, number>;
  /** A push has reached its first reader, or its last one. */
  onFirst: () => void;
  onLast: () => void;
}

/** What a process of the generator does for one server. */
export class Fanout {
  readonly #pushes = new Pushes<readonly number[]>((json) => this.#eventsIn(json));
  #tap: Tap | null = null;
  #crowd: Crowd | null = null;
  #publisher: Publisher | null = null;
  #kind: Kind = 'product';
  #readers = 0;
  #measurement: Measurement | null = null;
  #published = 0;

  async openTap(options: { url: string; folder: string }): Promise<{ url: string }> {
    this.#tap = await Tap.open(options);
    return { url: this.#tap.url };
  }

  /** Statements through the tap so far; 0 without one. */
  statements(): number {
    return this.#tap?.statements ?? 0;
  }

  /** `publisherPort`: where the publisher is, if it is on another node than the readers. */
  async connect({ kind, port, readers, publisherPort = port }: ConnectOptions): Promise<void> {
    const key = `bench-${newId()}`;
    this.#kind = kind;
    this.#readers = readers;
    this.#publisher = await makePublisher(kind, publisherPort, key);
    this.#crowd = new Crowd({
      kind,
      port,
      readers,
      keys: [key],
      onPush: (reader, bytes, from, to) => {
        const at = now();
        for (const event of this.#pushes.contentOf(bytes, from, to) ?? []) this.#arrived(reader, event, at);
      },
    });
    await this.#crowd.connect();
  }

  /** Publishes by the plan and waits for the last reader of the last event. May be called again. */
  async publish({ times }: { times: readonly number[] }): Promise<FanoutResult> {
    const arrivals = new Arrivals(this.#readers, times.length);
    const handed: (number | undefined)[] = times.map(() => undefined);
    const intended: (number | undefined)[] = times.map(() => undefined);
    const ids = times.map(() => newId());
    const busy = new BusyTime();
    let everybody = (): void => {};
    const done = new Promise<void>((resolve) => {
      everybody = resolve;
    });
    this.#measurement = {
      arrivals,
      ids: new Map(ids.map((id, event) => [id, event])),
      onFirst: () => busy.start(),
      onLast: () => {
        busy.stop();
        if (arrivals.complete) everybody();
      },
    };
    const first = this.#published;
    this.#published += times.length;
    const slips = await runPlan(times, (event, at) => {
      const id = ids[event]!;
      // Baselines insert every second time: the other times show the broadcast alone.
      const insert = this.#kind === 'product' || event % 2 === 1;
      if (insert) intended[event] = at;
      if (this.#kind === 'product') this.#tap!.await(id, (moment) => (handed[event] = moment));
      this.#publisher!.publish(first + event, id, insert);
      if (!insert) handed[event] = now();
    });
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, LATEST_MS))]);
    return {
      published: arrivals.spread(handed),
      endToEnd: arrivals.spread(intended),
      books: arrivals.books,
      slipP99: quantile(slips, 0.99),
      busy: busy.share,
      frameBytes: this.#pushes.bytes,
      problems: [...this.#problems(), ...unseen(handed, this.#kind)],
      events: handed.map((at, event) => ({ handed: at ?? null, everywhere: arrivals.everywhereAt(event) })),
    };
  }

  end(): void {
    this.#crowd?.end();
    this.#publisher?.end();
    this.#tap?.close();
  }

  #problems(): string[] {
    const lost = this.#crowd!.lost;
    return [
      ...this.#publisher!.problems(),
      ...(lost.length > 0 ? [`${lost.length} readers were cut off: ${lost[0]!.message}`] : []),
    ];
  }

  #arrived(reader: number, event: number, at: number): void {
    const { arrivals, onFirst, onLast } = this.#measurement!;
    const reached = arrivals.add(reader, event, at);
    if (reached === 1) onFirst();
    if (reached === this.#readers) onLast();
  }

  /** Ours and Socket.IO's come as `["thread:delta",delta]`, the bare one's as the delta itself. */
  #eventsIn(json: string): number[] | null {
    const parsed = JSON.parse(json) as unknown;
    const [name, delta] = Array.isArray(parsed) ? parsed : ['thread:delta', parsed];
    if (name !== 'thread:delta') return null;
    const { replies } = delta as { replies: { id: string }[] };
    return replies.map(({ id }) => this.#measurement?.ids.get(id)).filter((event) => event !== undefined);
  }
}

/** What the tap missed would be missing from the spread without a word. */
function unseen(handed: readonly (number | undefined)[], kind: Kind): string[] {
  const count = kind === 'product' ? handed.filter((at) => at === undefined).length : 0;
  return count > 0 ? [`${count} commits were not seen at the tap`] : [];
}

/** How busy this process was while something was under way. */
class BusyTime {
  #begun: { at: number; cpu: NodeJS.CpuUsage } | null = null;
  #elapsedMs = 0;
  #cpuMs = 0;

  start(): void {
    this.#begun ??= { at: now(), cpu: process.cpuUsage() };
  }

  stop(): void {
    if (!this.#begun) return;
    const { user, system } = process.cpuUsage(this.#begun.cpu);
    this.#cpuMs += (user + system) / 1_000;
    this.#elapsedMs += now() - this.#begun.at;
    this.#begun = null;
  }

  get share(): number {
    return this.#elapsedMs === 0 ? 0 : this.#cpuMs / this.#elapsedMs;
  }
}
