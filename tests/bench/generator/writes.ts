// The load of B3: guests who write on a schedule, or as fast as they are answered. Counts from the intended send to the
// acknowledgement, which by the contract comes after the commit.
import { newId } from '../../../shared/ids.js';
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { quantile } from '../harness/statistics.js';
import { runPlan } from '../harness/ticker.js';
import { someTexts } from '../programs/text.js';
import { makeReadBuffer } from '../wire/connection.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';

const BODY_LENGTH = 700;
const SUCCESS = Buffer.from('[{"ok":true');
/** How long the last answer may take before it counts as missing. */
const LATEST_MS = 10_000;

export interface WritesResult {
  latency: Packed;
  slipP99: number;
  /** Part of the time in which this process was busy, 0 to 1. */
  busy: number;
  unanswered: number;
  refused: string[];
}

interface Writer {
  peer: Peer;
  thread: string;
}

export class Writes {
  readonly #writers: Writer[] = [];
  readonly #lost: string[] = [];
  readonly #bodies = someTexts(BODY_LENGTH);

  /**
   * Each writer is a guest of its own on a line of its own, and stays in its thread as a reader; of those that share a
   * thread only the first one stays, so that what is measured is writing and not reading.
   */
  async connect({ port, writers, threads }: { port: number; writers: number; threads: number }): Promise<void> {
    const buffer = makeReadBuffer();
    const run = newId();
    for (let i = 0; i < writers; i++) {
      const peer = new Peer(port, buffer, AUTH, { onLost: (error) => this.#lost.push(error.message) });
      await peer.connected();
      await peer.ask('me:guest', { name: `Writer ${i + 1}` });
      const key = `bench-${run}-${i % threads}`;
      const { thread } = await peer.ask<{ thread: { id: string } }>('thread:join', { key, limit: 1 });
      if (i >= threads) await peer.ask('thread:leave', { thread: thread.id });
      this.#writers.push({ peer, thread: thread.id });
    }
  }

  async paced({ times }: { times: readonly number[] }): Promise<WritesResult> {
    const latency = new Latencies();
    const refused: string[] = [];
    let left = times.length;
    let finish = (): void => {};
    const answered = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const cpu = process.cpuUsage();
    const begun = now();
    const slips = await runPlan(times, (event, intended) => {
      this.#write(this.#writers[event % this.#writers.length]!, event, (refusal) => {
        if (refusal) refused.push(refusal);
        else latency.add(now() - intended);
        left -= 1;
        if (left === 0) finish();
      });
    });
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, LATEST_MS))]);
    const { user, system } = process.cpuUsage(cpu);
    return {
      latency: latency.pack(),
      slipP99: quantile(slips, 0.99),
      busy: (user + system) / 1_000 / (now() - begun),
      unanswered: left,
      refused: [...this.#lost, ...refused],
    };
  }

  /** Each writer keeps this many under way: the contract lets a client have four. Acknowledged replies a second. */
  async saturate({
    inFlight,
    seconds,
  }: {
    inFlight: number;
    seconds: number;
  }): Promise<{ perSecond: number; busy: number }> {
    const cpu = process.cpuUsage();
    const begun = now();
    const end = begun + seconds * 1_000;
    let done = 0;
    const lane = (writer: Writer): Promise<void> =>
      new Promise((resolve, reject) => {
        const next = (): void =>
          this.#write(writer, done, (refusal) => {
            if (refusal) return reject(new Error(refusal));
            if (now() > end) return resolve();
            done += 1;
            next();
          });
        next();
      });
    await Promise.all(this.#writers.flatMap((writer) => Array.from({ length: inFlight }, () => lane(writer))));
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: done / seconds, busy: (user + system) / 1_000 / (now() - begun) };
  }

  end(): void {
    for (const { peer } of this.#writers) peer.end();
  }

  #write({ peer, thread }: Writer, event: number, onAnswer: (refusal: string | null) => void): void {
    const body = this.#bodies[event % this.#bodies.length];
    peer.request('reply:create', { thread, id: newId(), body }, (bytes, from, to) => {
      const isSuccess = bytes.compare(SUCCESS, 0, SUCCESS.length, from, from + SUCCESS.length) === 0;
      onAnswer(isSuccess ? null : bytes.toString('utf8', from, to));
    });
  }
}
