// The load of `front`: people who open one page, all at once, by connections that are kept as a proxy keeps them. Half of them
// have the page already and ask whether it is still the same.
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { quantile } from '../harness/statistics.js';
import { runPlan } from '../harness/ticker.js';
import { HttpLine, type Answer } from '../wire/http-line.js';
import { makePublisher, type Publisher } from './publisher.js';

export interface FrontResult {
  /** From the intended question to the last byte of the answer. */
  latency: Packed;
  /** Answers by status. */
  statuses: Record<number, number>;
  bytes: number;
  slipP99: number;
  busy: number;
  problems: string[];
}

export interface FrontOptions {
  port: number;
  path: string;
  connections: number;
}

export class Front {
  readonly #lines: HttpLine[] = [];
  readonly #problems: string[] = [];
  #options!: FrontOptions;
  #writer: Publisher | null = null;
  #written = 0;

  /** Dials. `write`: somebody writes into this thread of ours meanwhile. */
  async connect({ write, ...options }: FrontOptions & { write: string | null }): Promise<void> {
    this.#options = options;
    for (let i = 0; i < options.connections; i++) {
      this.#lines.push(new HttpLine(options.port, (error) => this.#problems.push(error.message)));
    }
    if (write !== null) this.#writer = await makePublisher('product', options.port, write, 300);
  }

  /** So many replies, one after the other. */
  async write({ replies, ids }: { replies: number; ids: readonly string[] }): Promise<void> {
    for (let i = 0; i < replies; i++) {
      this.#writer!.publish(this.#written++, ids[i]!, false);
      await this.#writer!.settled();
    }
  }

  /** Asks by the plan; `writes`: when a reply is written, each under an id. */
  async run(plan: {
    times: readonly number[];
    writes: readonly number[];
    ids: readonly string[];
  }): Promise<FrontResult> {
    const latency = new Latencies();
    const statuses: Record<number, number> = {};
    const waiting: (() => void)[] = [];
    let [left, bytes, tag] = [plan.times.length, 0, ''];
    let done = (): void => {};
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const free = [...this.#lines];
    const cpu = process.cpuUsage();
    const begun = now();
    const ask = (intended: number, has: boolean): void => {
      // In turn: one that is not used for a while is hung up.
      const line = free.shift();
      // All are busy: the next one that is free takes it, and it counts from when it was meant to be.
      if (!line) return void waiting.push(() => ask(intended, has));
      line.ask(this.#request(has ? tag : ''), (answer: Answer) => {
        latency.add(now() - intended);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        bytes += answer.bytes;
        tag = answer.headers.get('etag') ?? tag;
        free.push(line);
        waiting.shift()?.();
        if (--left === 0) done();
      });
    };
    const writing = runPlan(plan.writes, (n) => this.#writer?.publish(this.#written++, plan.ids[n]!, false));
    const slips = await runPlan(plan.times, (n, intended) => ask(intended, n % 2 === 1 && tag !== ''));
    await Promise.all([all, writing]);
    await this.#writer?.settled();
    const { user, system } = process.cpuUsage(cpu);
    return {
      latency: latency.pack(),
      statuses,
      bytes,
      slipP99: quantile(slips, 0.99),
      busy: (user + system) / 1_000 / (now() - begun),
      problems: [...this.#problems, ...(this.#writer?.problems() ?? [])],
    };
  }

  #request(tag: string): Buffer {
    const { path, port } = this.#options;
    const has = tag ? `If-None-Match: ${tag}\r\n` : '';
    return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept-Encoding: br\r\n${has}\r\n`);
  }
}
