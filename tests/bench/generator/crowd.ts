// Many readers of one kind of server. Owns connecting them without a storm, and that they stay; what they are sent goes
// to the caller with the number of the reader.
import { makeReadBuffer } from '../wire/connection.js';
import { PlainPeer } from '../wire/plain.js';
import { Peer, type OnBytes } from '../wire/socketio.js';

export type Kind = 'product' | 'socketio' | 'ws';

/** Handshakes under way at once. */
const AT_ONCE = 100;
/** First page of a join: readers are measured here, not pages. */
const JOIN_LIMIT = 1;

export interface CrowdOptions {
  kind: Kind;
  port: number;
  readers: number;
  /** The threads they are spread over, by key. */
  keys: readonly string[];
  onPush: (reader: number, bytes: Buffer, from: number, to: number) => void;
  onPing?: () => void;
}

export const AUTH = { protocol: 1, site: 'demo' };

interface Member {
  connected(): Promise<void>;
  pause(): void;
  end(): void;
  /** Ours and Socket.IO's alone. */
  ask?<T>(event: string, payload: unknown): Promise<T>;
}

export class Crowd {
  readonly #options: CrowdOptions;
  readonly #buffer = makeReadBuffer();
  readonly #members: Member[] = [];
  #lost: Error[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Readers that were cut off. */
  get lost(): readonly Error[] {
    return this.#lost;
  }

  /** Resolves when all of them hear what is pushed. */
  async connect(): Promise<void> {
    const { readers } = this.#options;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < readers) await this.#enter(next++);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, readers) }, lane));
  }

  /** The first `count` of them stop reading. */
  pause(count: number): void {
    for (const member of this.#members.slice(0, count)) member.pause();
  }

  /** One of them asks. Readers are counted in the order in which they came. */
  ask<T>(reader: number, event: string, payload: unknown): Promise<T> {
    return this.#members[reader]!.ask!<T>(event, payload);
  }

  end(): void {
    for (const member of this.#members) member.end();
  }

  async #enter(reader: number): Promise<void> {
    const { kind, port, keys, onPush, onPing } = this.#options;
    const push: OnBytes = (bytes, from, to) => onPush(reader, bytes, from, to);
    const onLost = (error: Error): void => void this.#lost.push(error);
    if (kind === 'ws') {
      const peer = new PlainPeer(port, this.#buffer, { onPush: push, onLost });
      this.#members.push(peer);
      return peer.connected();
    }
    const auth = kind === 'product' ? AUTH : {};
    const peer = new Peer(port, this.#buffer, auth, { onPush: push, onLost, ...(onPing ? { onPing } : {}) });
    this.#members.push(peer);
    await peer.connected();
    if (kind === 'product') await peer.ask('thread:join', { key: keys[reader % keys.length], limit: JOIN_LIMIT });
  }
}
