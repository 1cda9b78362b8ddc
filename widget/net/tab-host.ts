// Lets the other tabs of this browser speak over this one's line. Owns who they are and which threads they read, and
// nothing of the line, of which it is one more user.
import type { Answer, JoinAnswer, RequestName, RequestOf } from '../../shared/protocol.js';
import type { Me } from '../../shared/views.js';
import type { Asked, Said, Told } from './said.js';
import type { SharedLine } from './share.js';

/** A line that is younger than this is not given up because another tab finds it no good. */
const YOUNG_MS = 2_000;
const PUSHES = ['thread:delta', 'thread:beat', 'thread:stale'] as const;

export interface TabHostOptions {
  /** This tab. */
  id: string;
  line: SharedLine;
  post(said: Told): void;
  /** Calls back when that tab has ended, however it did, until the signal. */
  whenGone(tab: string, callback: () => void, signal: AbortSignal): void;
}

export class TabHost {
  readonly #options: TabHostOptions;
  /** By tab the threads that it reads, each with what takes it off. */
  readonly #tabs = new Map<string, Map<string, () => void>>();
  readonly #listening: (() => void)[];
  readonly #over = new AbortController();
  #hasFailed = false;
  #upAt = 0;

  constructor(options: TabHostOptions) {
    this.#options = options;
    const { id, line, post } = options;
    const from = id;
    this.#listening = [
      line.on('up', () => {
        this.#hasFailed = false;
        this.#upAt = line.options.clock.now();
        post({ is: 'up', from, token: line.token, isSlow: line.isSlow });
      }),
      line.on('down', () => post({ is: 'down', from })),
      line.on('failed', () => {
        this.#hasFailed = true;
        post({ is: 'failed', from });
      }),
      line.on('refused', (error) => post({ is: 'failed', from, error })),
      line.on('me', (me) => post({ is: 'me', from, token: line.token!, me })),
      ...PUSHES.map((name) => line.on(name, (payload) => post({ is: 'push', from, name, payload }))),
    ];
    post({ is: 'lead', from });
  }

  hear(said: Said): void {
    const { id, line } = this.#options;
    if (said.is === 'hello') this.#welcome(said);
    else if (said.is === 'ask' && said.to === id) void this.#ask(said);
    else if (said.is === 'send' && said.to === id) line.tellTyping(said.payload.thread, said.payload.parent);
  }

  end(): void {
    this.#over.abort();
    for (const off of this.#listening) off();
    for (const tab of this.#tabs.keys()) this.#gone(tab);
  }

  #welcome({ from: to, token, again }: Asked & { is: 'hello' }): void {
    const { id: from, line, post, whenGone } = this.#options;
    if (!this.#tabs.has(to)) {
      this.#tabs.set(to, new Map());
      whenGone(to, () => this.#gone(to), this.#over.signal);
    }
    if (token !== line.token) {
      // Where it was given in another tab, only a handshake takes it; the others hear of that as of any lost line.
      if (token !== line.options.identity.read().token) return post({ is: 'alone', from, to, token });
      line.restart();
    } else if (again && line.connected && line.options.clock.now() - this.#upAt > YOUNG_MS) line.restart();
    if (line.connected) post({ is: 'up', from, to, token: line.token, isSlow: line.isSlow });
    else if (line.refusal) post({ is: 'failed', from, to, error: line.refusal });
    else post({ is: this.#hasFailed ? 'failed' : 'down', from, to });
  }

  async #ask({ from: to, n, name, payload }: Asked & { is: 'ask' }): Promise<void> {
    const { id: from, line, post } = this.#options;
    let answer: Answer<unknown> | null;
    if (name === 'thread:leave') {
      this.#leave(to, (payload as RequestOf<'thread:leave'>).thread);
      answer = { ok: true, data: {} };
    } else answer = await line.request(name as RequestName, payload as never);
    if (answer?.ok && name === 'thread:join') this.#enter(to, answer.data as JoinAnswer);
    if (answer?.ok && name === 'me:guest') {
      const { token, me } = answer.data as { token: string; me: Me };
      line.speaksFor(token, me);
    }
    post({ is: 'answer', from, to, n, answer });
  }

  #enter(tab: string, joined: JoinAnswer): void {
    const thread = joined.mode === 'snapshot' ? joined.thread.id : joined.delta.thread;
    const threads = this.#tabs.get(tab);
    if (threads?.has(thread)) return;
    const leave = this.#options.line.enter(thread);
    // The tab may have ended meanwhile.
    if (threads) threads.set(thread, leave);
    else leave();
  }

  #leave(tab: string, thread: string): void {
    const threads = this.#tabs.get(tab);
    threads?.get(thread)?.();
    threads?.delete(thread);
  }

  #gone(tab: string): void {
    for (const leave of this.#tabs.get(tab)?.values() ?? []) leave();
    this.#tabs.delete(tab);
  }
}
