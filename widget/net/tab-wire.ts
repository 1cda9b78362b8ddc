// A wire that another tab of this browser has: asks it, hears it, and notices when it is silent. Owns no lock and no
// channel; who leads is `sharing.ts`'s.
import type { ErrorBody } from '../../shared/errors.js';
import type { HandshakeAuth } from '../../shared/protocol.js';
import type { Me } from '../../shared/views.js';
import type { Clock, Timer } from '../state/clock.js';
import type { Asked, Said } from './said.js';
import type { Wire, WireEvents } from './wire.js';

/** Somebody who looks at this tab asks this often whether the other is there; it answers at once, or is frozen. */
const ASK_EVERY_MS = 600;
/** The first question is answered sooner, where there is a tab that lends its line; one that was alone doesn't hear it. */
const FIRST_MS = 100;
/** So many questions without a word are too many. */
const UNANSWERED_MAX = 2;

export interface TabWireOptions {
  /** This tab. */
  id: string;
  events: WireEvents;
  clock: Clock;
  post(said: Asked): void;
  isSeen(): boolean;
  /** The line speaks for this guest: another tab gave the name. */
  speaksFor(token: string, me: Me): void;
  /** The tab that leads does not answer. */
  silent(): void;
  /** The tab that leads won't speak for this guest. */
  alone(token: string | null): void;
}

export class TabWire implements Wire {
  readonly #options: TabWireOptions;
  readonly #asked = new Map<number, (answer: unknown) => void>();
  #token: string | null = null;
  #leader: string | null = null;
  #hasHeard = false;
  #isOpen = false;
  #isTrying = false;
  #isUp = false;
  #isSlow = false;
  /** Closed while it was up, and in this moment. */
  #isAgain = false;
  #unanswered = 0;
  #count = 0;
  #timer: Timer | null = null;

  constructor(options: TabWireOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isSlow(): boolean {
    return this.#isSlow;
  }

  open({ token }: HandshakeAuth): void {
    const isAgain = this.#isAgain;
    this.close();
    this.#token = token ?? null;
    this.#isOpen = true;
    this.#isTrying = true;
    this.#unanswered = 0;
    this.#hello(isAgain);
    this.#watch();
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#isOpen = false;
    this.#isTrying = false;
    this.#isAgain = this.#isUp;
    // Opened in the same breath, it is to be another line.
    queueMicrotask(() => (this.#isAgain = false));
    this.#down();
  }

  send(_name: string, payload: unknown): void {
    if (!this.#leader) return;
    const { id, post } = this.#options;
    post({ is: 'send', from: id, to: this.#leader, payload: payload as { thread: string; parent: string | null } });
  }

  ask(name: string, payload: unknown, ms: number): Promise<unknown> {
    const { id, post, clock } = this.#options;
    return new Promise((resolve) => {
      const n = this.#count++;
      const late = clock.setTimeout(() => settle(null), ms);
      const settle = (answer: unknown): void => {
        clock.clearTimeout(late);
        this.#asked.delete(n);
        resolve(answer);
      };
      if (!this.#leader) return settle(null);
      this.#asked.set(n, settle);
      post({ is: 'ask', from: id, to: this.#leader, n, name, payload });
    });
  }

  hear(said: Said): void {
    if (!this.#isOpen || ('to' in said && said.to !== this.#options.id)) return;
    if (said.is === 'hello' || said.is === 'ask' || said.is === 'send') return;
    this.#hasHeard = true;
    if (said.is === 'lead') {
      this.#leader = said.from;
      this.#down();
      return this.#hello();
    }
    this.#leader ??= said.from;
    // One that was frozen while another took the lead may say some last words.
    if (this.#leader !== said.from) return;
    this.#unanswered = 0;
    switch (said.is) {
      case 'up':
        return this.#up(said);
      case 'down':
        return this.#down();
      case 'failed':
        return this.#failed(said.error);
      case 'push':
        return this.#isUp ? this.#options.events.push(said.name, said.payload) : undefined;
      case 'me':
        this.#token = said.token;
        return this.#options.speaksFor(said.token, said.me);
      case 'answer':
        return this.#asked.get(said.n)?.(said.answer);
      case 'alone':
        // What was asked before the name came that another tab was given says nothing.
        return said.token === this.#token ? this.#options.alone(said.token) : this.#hello();
    }
  }

  #up({ token, isSlow }: Said & { is: 'up' }): void {
    if (this.#isUp) return;
    // As somebody else: who this tab is has changed, and is read again at the next attempt.
    if (token !== this.#token) return this.#failed();
    this.#isTrying = false;
    this.#isUp = true;
    this.#isSlow = isSlow;
    this.#options.events.up();
  }

  #down(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const settle of this.#asked.values()) settle(null);
    this.#options.events.down();
  }

  #failed(error?: ErrorBody): void {
    this.#down();
    if (!this.#isTrying) return;
    this.#isTrying = false;
    this.#options.events.failed(error);
  }

  #hello(again = false): void {
    const { id, post } = this.#options;
    post({ is: 'hello', from: id, token: this.#token, again });
  }

  /** By counted questions and not by the clock, which jumps when a laptop wakes. */
  #watch(): void {
    const { clock, isSeen, silent } = this.#options;
    // Many tabs that are opened at once don't ask at once.
    const ms = this.#hasHeard ? ASK_EVERY_MS : FIRST_MS * (1 + clock.random());
    this.#timer = clock.setTimeout(() => {
      this.#watch();
      if (!this.#hasHeard) return silent();
      if (!isSeen()) return;
      if (this.#unanswered >= UNANSWERED_MAX) return silent();
      // Whoever leads now may answer.
      if (this.#unanswered++ > 0) this.#leader = null;
      this.#hello();
    }, ms);
  }
}
