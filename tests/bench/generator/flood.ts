// The load of B2, B8 and B9: many readers of one thread into which replies pour, some of whom may stop reading, or count
// what they will not read, and beside it a quiet thread. Counts logical deliveries, one reply at one reader, however many of
// them a push carries or tells of.
import { newId } from '../../../shared/ids.js';
import { ROOTS } from '../../../shared/held.js';
import type { Delta } from '../../../shared/views.js';
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { quantile } from '../harness/statistics.js';
import { runPlan } from '../harness/ticker.js';
import { Counting } from './counting.js';
import { Crowd, type Kind } from './crowd.js';
import { makePublisher, type Publisher } from './publisher.js';
import { Pushes } from './pushes.js';
import { foundBy, isSame } from './same-content.js';

/** Guests who write: a client of ours may have four sends under way. A baseline takes its orders from one. */
const WRITERS = 8;
/** Readers whose deltas are kept, to be applied at the end. */
const SAMPLED = 50;

export interface FloodResult {
  /** From the intended send to each reader that reads, in an HDR histogram. */
  latency: Packed;
  expected: number;
  delivered: number;
  /** Replies that came again, or in a push that did not follow the one before. */
  faults: number;
  pushes: number;
  bytes: number;
  /** From the intended send of the last reply to the last reader that has everything; null: not all have. */
  convergedMs: number | null;
  /** From the first intended send to the last delivery, in milliseconds. */
  elapsedMs: number;
  slipP99: number;
  /** Part of the time in which this process was busy, 0 to 1. */
  busy: number;
  problems: string[];
}

export interface FloodOptions {
  kind: Kind;
  port: number;
  readers: number;
  /** Characters of a reply. */
  bodyLength: number;
  /** Of the replies of a run that is to fill lines; absent: there is none. */
  fillLength?: number;
  /** Readers go over to the lane that counts, as the widget does. */
  counts?: boolean;
}

export interface RunOptions {
  times: readonly number[];
  /** How much longer the last reader is waited for. */
  patienceMs: number;
  /** Long replies instead of the ordinary ones. */
  fill?: boolean;
}

interface Measurement {
  ids: Map<string, number>;
  /** Intended times by event. */
  intended: number[];
  latency: Latencies;
  /** By reader: how many events it has. */
  counts: Uint32Array;
  expected: number;
  delivered: number;
  faults: number;
  pushes: number;
  bytes: number;
  lastAt: number;
  done: () => void;
}

interface Content {
  /** The replies that it brings. */
  events: readonly number[];
  /** When each new reply that it brings or tells of was born; ours alone. */
  births: readonly number[];
  /** It tells of replies and brings none of them. */
  isDigest: boolean;
  /** What it continues and where it ends; both 0 for a baseline, which has no cursors. */
  from: number;
  to: number;
  /** Ours alone. */
  delta: Delta | null;
}

export class Flood {
  readonly #pushes = new Pushes<Content>((json) => this.#contentOf(json));
  #crowd: Crowd | null = null;
  #publishers: Publisher[] = [];
  #filler: Publisher | null = null;
  #kind: Kind = 'product';
  #readers = 0;
  #key = '';
  #published = 0;
  #stalled = 0;
  #cursors = new Float64Array(0);
  /** By reader, of those that are sampled: what they got since they joined. */
  #kept = new Map<number, Delta[]>();
  #counting: Counting | null = null;
  #epoch = '';
  #failures: string[] = [];
  #measurement: Measurement | null = null;

  async connect({ kind, port, readers, bodyLength, fillLength, counts }: FloodOptions): Promise<{ key: string }> {
    const key = `flood-${newId()}`;
    this.#key = key;
    this.#kind = kind;
    this.#readers = readers;
    this.#cursors = new Float64Array(readers).fill(-1);
    const sampled = kind === 'product' ? Math.min(SAMPLED, readers) : 0;
    // From the first to the last: they joined at different times, and hear at different times.
    this.#kept = new Map(Array.from({ length: sampled }, (_, i) => [Math.floor((i * readers) / sampled), []]));
    const writers = kind === 'product' ? WRITERS : 1;
    for (let i = 0; i < writers; i++) this.#publishers.push(await makePublisher(kind, port, key, bodyLength));
    if (fillLength !== undefined) this.#filler = await makePublisher(kind, port, key, fillLength);
    this.#crowd = new Crowd({
      kind,
      port,
      readers,
      keys: [key],
      onPush: (reader, bytes, from, to) => {
        const content = this.#pushes.contentOf(bytes, from, to);
        if (content) this.#arrived(reader, content, to - from);
      },
    });
    await this.#crowd.connect();
    if (counts) this.#counting = this.#makeCounting();
    return { key };
  }

  /** The first of them stop reading. They are expected to get nothing from now on. */
  stall({ readers }: { readers: number }): void {
    this.#stalled = readers;
    this.#crowd!.pause(readers);
  }

  /** Publishes by the plan, and waits for the last reader. May be called again. */
  async run({ times, patienceMs, fill = false }: RunOptions): Promise<FloodResult> {
    const publishers = fill ? [this.#filler!] : this.#publishers;
    const reading = this.#readers - this.#stalled;
    const ids = times.map(() => newId());
    let done = (): void => {};
    const everything = new Promise<void>((resolve) => {
      done = resolve;
    });
    const found: Measurement = {
      ids: new Map(ids.map((id, event) => [id, event])),
      intended: [],
      latency: new Latencies(),
      counts: new Uint32Array(this.#readers),
      expected: reading * times.length,
      delivered: 0,
      faults: 0,
      pushes: 0,
      bytes: 0,
      lastAt: 0,
      done,
    };
    this.#measurement = found;
    const first = this.#published;
    this.#published += times.length;
    const cpu = process.cpuUsage();
    const begun = now();
    for (const publisher of publishers) {
      publisher.onBorn = (event, born) => this.#counting?.born(born, event - first);
    }
    const slips = await runPlan(times, (event, intended) => {
      found.intended[event] = intended;
      publishers[event % publishers.length]!.publish(first + event, ids[event]!, false);
    });
    const timer = setTimeout(done, patienceMs);
    await everything;
    clearTimeout(timer);
    this.#counting?.end();
    const { user, system } = process.cpuUsage(cpu);
    const isComplete = found.delivered === found.expected;
    return {
      latency: found.latency.pack(),
      expected: found.expected,
      delivered: found.delivered,
      faults: found.faults,
      pushes: found.pushes,
      bytes: found.bytes,
      convergedMs: isComplete ? found.lastAt - found.intended.at(-1)! : null,
      elapsedMs: found.lastAt - found.intended[0]!,
      slipP99: quantile(slips, 0.99),
      busy: (user + system) / 1_000 / (now() - begun),
      problems: this.#problems(),
    };
  }

  /** Of ours: how many readers that read have exactly this cursor. */
  async atHead({ port }: { port: number }): Promise<{ head: number; readers: number }> {
    const head = await headOf(port, this.#key);
    return { head, readers: this.#cursors.filter((seq, reader) => reader >= this.#stalled && seq === head).length };
  }

  /** Of ours: how many of the sampled readers hold, or counted, exactly what one finds who comes now. */
  async same({ port }: { port: number }): Promise<{ sampled: number; same: number }> {
    const found = await foundBy(port, this.#key);
    // Readers who got the same deltas hold the same: applied once for all of them.
    const known = new Map<string, boolean>();
    const holdsSame = (deltas: readonly Delta[]): boolean => {
      const name = deltas.map(({ from, to, left }) => [from, to, !!left].join()).join(' ');
      const same = known.get(name) ?? isSame(deltas, found);
      known.set(name, same);
      return same;
    };
    const kept = [...this.#kept.values()];
    return { sampled: kept.length, same: kept.filter(holdsSame).length };
  }

  end(): void {
    this.#crowd?.end();
    for (const publisher of this.#publishers) publisher.end();
    this.#filler?.end();
  }

  #arrived(reader: number, content: Content, bytes: number): void {
    const found = this.#measurement;
    if (!found) return;
    found.pushes += 1;
    found.bytes += bytes;
    if (!this.#counting?.park(reader, () => this.#take(found, reader, content))) this.#take(found, reader, content);
  }

  #take(found: Measurement, reader: number, { events, births, isDigest, from, to, delta }: Content): void {
    const cursor = this.#cursors[reader]!;
    const overlaps = cursor >= 0 && from < cursor;
    if (this.#kind === 'product') {
      // A range that begins before what is held: after a change of lanes alone (CUR1).
      if (overlaps ? !this.#counting : cursor >= 0 && from > cursor) found.faults += 1;
      if (to <= cursor) return;
      this.#cursors[reader] = to;
      if (delta) this.#kept.get(reader)?.push(delta);
    }
    if (reader < this.#stalled) return;
    if (!overlaps && !isDigest) {
      this.#counting?.heard(reader, events.length);
      return this.#deliver(found, reader, events);
    }
    for (const born of births) {
      if (born > cursor) this.#counting!.eventOf(born, (event) => this.#deliver(found, reader, [event]));
    }
  }

  #deliver(found: Measurement, reader: number, events: readonly number[]): void {
    const at = now();
    for (const event of events) found.latency.add(at - found.intended[event]!);
    found.counts[reader]! += events.length;
    found.delivered += events.length;
    if (found.counts[reader]! > found.intended.length) found.faults += 1;
    found.lastAt = at;
    if (found.delivered === found.expected) found.done();
  }

  #makeCounting(): Counting {
    return new Counting({
      readers: this.#readers,
      key: this.#key,
      ask: (reader, payload) => this.#crowd!.ask(reader, 'thread:join', payload),
      cursorOf: (reader) => ({ epoch: this.#epoch, seq: this.#cursors[reader]! }),
      answered: (reader, delta) => {
        const found = this.#measurement!;
        found.bytes += JSON.stringify(delta).length;
        this.#take(found, reader, this.#contentOfDelta(delta));
      },
      failed: (error) => this.#failures.push(String(error)),
    });
  }

  /** Ours and Socket.IO's come as `["thread:delta",delta]`, the bare one's as the delta itself. */
  #contentOf(json: string): Content | null {
    const parsed = JSON.parse(json) as unknown;
    const [name, delta] = Array.isArray(parsed) ? parsed : ['thread:delta', parsed];
    if (name !== 'thread:delta') return null;
    return this.#contentOfDelta(delta as Delta);
  }

  #contentOfDelta(delta: Delta): Content {
    const { replies, from, to, left, epoch } = delta;
    this.#epoch = epoch;
    const events = replies.map(({ id }) => this.#measurement?.ids.get(id)).filter((event) => event !== undefined);
    const births = [...replies.map(({ born }) => born), ...(left?.[ROOTS] ?? [])];
    return { events, births, isDigest: !!left, from, to, delta: this.#kept.size > 0 ? delta : null };
  }

  #problems(): string[] {
    const lost = this.#crowd!.lost;
    const refused = [...this.#publishers, ...(this.#filler ? [this.#filler] : [])].flatMap((publisher) =>
      publisher.problems(),
    );
    return [
      ...(refused.length > 0 ? [`${refused.length} writes failed, such as ${refused[0]}`] : []),
      ...(this.#failures.length > 0 ? [`${this.#failures.length} changes of lane failed: ${this.#failures[0]}`] : []),
      ...(lost.length > 0 ? [`${lost.length} readers were cut off: ${lost[0]!.message}`] : []),
    ];
  }
}

async function headOf(port: number, key: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/sites/demo/thread?key=${key}&limit=1`);
  return ((await answer.json()) as { cursor: { seq: number } }).cursor.seq;
}
