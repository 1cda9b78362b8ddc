// The readers of the mixed load: a steady number of them, who come, stay a while and go, each in a manner of its own.
// Owns who is there; what they read is the server's.
import { Agent } from 'node:http';

import type { Snapshot } from '../../../shared/views.js';
import { makeReadBuffer } from '../wire/connection.js';
import { PollingPeer } from '../wire/polling.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';

export interface ReadersOptions {
  port: number;
  /** Who are there at once. */
  count: number;
  keys: readonly string[];
  random: () => number;
  onFault: (fault: string) => void;
}

/** Kinds of readers by how many of a hundred they are. */
const KINDS = [
  ['steady', 55],
  ['counting', 10],
  ['stuck', 10],
  ['slow lane', 10],
  ['polling', 10],
  ['silent', 5],
] as const;
type Kind = (typeof KINDS)[number][0];

/** Seconds that a reader stays: anything up to twice this. */
const STAYS_SECONDS = 45;
/** A stuck one reads again after this long; a silent one never does, and is forgotten by then. */
const STUCK_MS = 8_000;
const SILENT_MS = 60_000;
/** Different addresses, as a site's readers have. */
const ADDRESSES = 2_000;

export class SoakReaders {
  readonly #options: ReadersOptions;
  readonly #buffer = makeReadBuffer();
  readonly #agent = new Agent({ keepAlive: true });
  /** How each that is there is made to go, at once. */
  readonly #present = new Set<() => void>();
  #stopped = false;
  /** Ever. */
  came = 0;
  pushes = 0;

  constructor(options: ReadersOptions) {
    this.#options = options;
    for (let i = 0; i < options.count; i++) this.#enter();
  }

  get present(): number {
    return this.#present.size;
  }

  /** All leave. */
  end(): void {
    this.#stopped = true;
    for (const go of this.#present) go();
    this.#agent.destroy();
  }

  #enter(): void {
    const { random } = this.#options;
    const kind = kindOf(random() * 100);
    const stays = random() * 2 * STAYS_SECONDS * 1_000;
    let leave = (): void => {};
    const go = (): void => {
      if (!this.#present.delete(go)) return;
      clearTimeout(timer);
      leave();
      if (!this.#stopped) this.#enter();
    };
    const timer = setTimeout(go, kind === 'silent' ? SILENT_MS : stays);
    this.#present.add(go);
    this.came += 1;
    const line = kind === 'polling' ? this.#poll(go) : this.#open(kind, go);
    leave = line.leave;
    line.joined.catch((error: unknown) => {
      // Gone before it had joined, and its requests with it.
      if (!this.#present.has(go)) return;
      this.#options.onFault(`a ${kind} reader could not join: ${String(error)}`);
      // Not at once: a server that refuses everybody would be asked without end.
      setTimeout(go, 1_000);
    });
  }

  #poll(go: () => void): { joined: Promise<unknown>; leave: () => void } {
    const { port, random } = this.#options;
    const peer = new PollingPeer({ port, agent: this.#agent, auth: AUTH, from: addressOf(random()), onLost: go });
    const joined = peer.connect().then(() => peer.ask('thread:join', { key: this.#key(), limit: 20 }));
    return { joined, leave: () => peer.end({ goodbye: random() < 0.5 }) };
  }

  #open(kind: Kind, go: () => void): { joined: Promise<unknown>; leave: () => void } {
    const { port, random } = this.#options;
    const peer = new Peer(port, this.#buffer, AUTH, {
      onPush: () => void (this.pushes += 1),
      onLost: go,
      from: addressOf(random()),
    });
    const lane = kind === 'slow lane' ? 'slow' : 'live';
    const key = this.#key();
    let resume: NodeJS.Timeout | undefined;
    const joined = peer
      .connected()
      .then(() => peer.ask('thread:join', { key, limit: 20, lane }))
      .then(async (snapshot) => {
        // Never with the first join of a line (CUR9).
        if (kind === 'counting')
          await peer.ask('thread:join', { key, limit: 1, lane: 'digest', cursor: (snapshot as Snapshot).cursor });
        if (kind === 'stuck' || kind === 'silent') peer.pause();
        if (kind === 'stuck') resume = setTimeout(() => peer.resume(), STUCK_MS);
      });
    return {
      joined,
      leave: () => {
        clearTimeout(resume);
        if (random() < 0.5) peer.end();
        else peer.abort();
      },
    };
  }

  #key(): string {
    const { keys, random } = this.#options;
    return keys[Math.floor(random() * keys.length)]!;
  }
}

export function addressOf(part: number): string {
  const number = Math.floor(part * ADDRESSES);
  return `198.18.${number >> 8}.${number & 255}`;
}

function kindOf(part: number): Kind {
  let sum = 0;
  for (const [kind, share] of KINDS) {
    sum += share;
    if (part < sum) return kind;
  }
  return 'steady';
}
