// The load of B5: readers who follow a thread, lose their server, and come back, all of them, to the one that was started
// again. Owns their cursors, and whether what they are answered makes up for exactly what they missed.
import { newId } from '../../../shared/ids.js';
import type { JoinAnswer } from '../../../shared/protocol.js';
import type { Cursor } from '../../../shared/views.js';
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { seeded } from '../harness/schedule.js';
import { makeReadBuffer } from '../wire/connection.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';
import { makePublisher } from './publisher.js';

/** Handshakes under way at once while nothing is measured. */
const AT_ONCE = 100;
/** After this the storm is over, whoever is missing. */
const PATIENCE_MS = 60_000;

export interface StormResult {
  /** From when all may come to each one's exact cursor; of a baseline, to being in the room. */
  latency: Packed;
  lastMs: number;
  missing: number;
  /** Times that one was refused or cut off, and tried again. */
  retries: number;
  /** Answers that were no exact continuation. */
  wrong: string[];
  /** Part of the time in which this process was busy, 0 to 1. */
  busy: number;
}

type Kind = 'product' | 'socketio';

export class Storm {
  readonly #buffer = makeReadBuffer();
  #kind: Kind = 'product';
  #key = '';
  #peers: Peer[] = [];
  #cursor: Cursor | null = null;
  #missed: string[] = [];
  /** What every reader has to be told, as it was told to the first one. */
  #exact: Buffer | null = null;

  /** All come, one after the other, and follow a thread that has some replies. */
  async gather({ kind, port, readers, replies }: { kind: Kind; port: number; readers: number; replies: number }) {
    this.#kind = kind;
    this.#key = `storm-${newId()}`;
    if (kind === 'product') await this.#write(port, replies);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next++ < readers) {
        const peer = this.#dial(port, () => {});
        this.#peers.push(peer);
        await peer.connected();
        if (kind !== 'product') continue;
        const { cursor } = await peer.ask<{ cursor: Cursor }>('thread:join', { key: this.#key, limit: 20 });
        this.#cursor = cursor;
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, readers) }, lane));
  }

  /** The lines are gone with the server; what is written now, they miss. */
  async miss({ port, replies }: { port: number; replies: number }): Promise<void> {
    for (const peer of this.#peers) peer.end();
    this.#missed = await this.#write(port, replies);
  }

  /** All come back, spread over `spreadMs`; 0: in the same moment. */
  async return({ port, spreadMs, seed }: { port: number; spreadMs: number; seed: number }): Promise<StormResult> {
    const count = this.#peers.length;
    for (const peer of this.#peers) peer.end();
    this.#peers = [];
    this.#exact = null;
    const random = seeded(seed);
    const latency = new Latencies();
    const wrong: string[] = [];
    let retries = 0;
    let back = 0;
    let lastMs = 0;
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const timer = setTimeout(finish, PATIENCE_MS);
    const cpu = process.cpuUsage();
    const begun = now();
    const arrived = (fault: string | null): void => {
      lastMs = now() - begun;
      if (fault) wrong.push(fault);
      latency.add(lastMs);
      back += 1;
      if (back === count) finish();
    };
    const enter = (): void => {
      let isBack = false;
      const peer = this.#dial(port, () => {
        if (isBack) return;
        isBack = true;
        retries += 1;
        setTimeout(enter, random() * 1_000);
      });
      this.#peers.push(peer);
      const settle = (fault: string | null): void => {
        isBack = true;
        arrived(fault);
      };
      peer.connected().then(
        () => {
          if (this.#kind === 'product') this.#join(peer, settle);
          else settle(null);
        },
        // Its line is gone, which is told as well.
        () => {},
      );
    };
    for (let i = 0; i < count; i++) {
      if (spreadMs === 0) enter();
      else setTimeout(enter, random() * spreadMs);
    }
    await finished;
    clearTimeout(timer);
    const { user, system } = process.cpuUsage(cpu);
    return {
      latency: latency.pack(),
      lastMs,
      missing: count - back,
      retries,
      wrong,
      busy: (user + system) / 1_000 / (now() - begun),
    };
  }

  end(): void {
    for (const peer of this.#peers) peer.end();
  }

  #dial(port: number, onLost: () => void): Peer {
    const auth = this.#kind === 'product' ? AUTH : {};
    return new Peer(port, this.#buffer, auth, { onLost });
  }

  #join(peer: Peer, settle: (fault: string | null) => void): void {
    peer.request('thread:join', { key: this.#key, limit: 20, cursor: this.#cursor }, (bytes, from, to) => {
      // All missed the same and are told the same; who is like the first one is as right.
      if (this.#exact && bytes.compare(this.#exact, 0, this.#exact.length, from, to) === 0) return settle(null);
      const fault = this.#faultOf(bytes.toString('utf8', from, to));
      if (!fault) this.#exact ??= Buffer.from(bytes.subarray(from, to));
      settle(fault);
    });
  }

  /** What is wrong with an answer to a join that has to bring what was missed, in order and nothing else. */
  #faultOf(json: string): string | null {
    const [answer] = JSON.parse(json) as [{ ok: boolean; data: JoinAnswer; error?: unknown }];
    if (!answer.ok) return `refused: ${JSON.stringify(answer.error)}`;
    const { data } = answer;
    const { epoch, seq } = this.#cursor!;
    if (data.mode !== 'delta') return 'a snapshot instead of what was missed';
    const { delta } = data;
    const isExact =
      delta.epoch === epoch &&
      delta.from <= seq &&
      delta.to === seq + this.#missed.length &&
      this.#missed.every((id) => delta.replies.some((reply) => reply.id === id));
    return isExact ? null : `a delta from ${delta.from} to ${delta.to} of ${delta.replies.length} replies`;
  }

  async #write(port: number, replies: number): Promise<string[]> {
    const publisher = await makePublisher('product', port, this.#key);
    const ids = Array.from({ length: replies }, () => newId());
    for (const [event, id] of ids.entries()) publisher.publish(event, id, true);
    await publisher.settled();
    publisher.end();
    return ids;
  }
}
