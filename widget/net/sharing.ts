// One line for all tabs of a browser that read the same site (CUR7): the tab that holds the lock has it, the others speak
// through that tab over a channel. A download of its own, loaded where there are two. Owns the lock and the channel.
import type { Said } from './said.js';
import type { Channel, SharedLine, Tab } from './share.js';
import { TabHost } from './tab-host.js';
import { TabWire } from './tab-wire.js';

export interface SharingOptions {
  /** Of lock and channel. */
  name: string;
  line: SharedLine;
  tab: Tab;
  /** Ends it. */
  signal: AbortSignal;
}

/** The part of one tab: it leads, or it follows and waits in line for the lead. The browser gives it to one at a time. */
export class Sharing {
  readonly #options: SharingOptions;
  /** Where there are locks, the page is a secure one and has this as well. */
  readonly #id = crypto.randomUUID();
  readonly #over = new AbortController();
  readonly #channel: Channel;
  #role: TabHost | TabWire | null = null;
  /** Takes this tab out of the line for the lead. */
  #queued = new AbortController();

  constructor(options: SharingOptions) {
    this.#options = options;
    const { tab, name, signal } = options;
    this.#channel = new tab.BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => {
      if (typeof data === 'object' && data && 'is' in data) this.#role?.hear(data as Said);
    };
    // It was loaded too late.
    if (signal.aborted) this.#end();
    signal.addEventListener('abort', () => this.#end());
    // The one that leads sees by this lock when the tab has ended, however it did.
    this.#hold(`${name}|${this.#id}`, { signal: this.#over.signal }, () => this.#follow());
  }

  #end(): void {
    this.#over.abort();
    this.#queued.abort();
    this.#retire();
    this.#channel.close();
  }

  readonly #post = (said: Said): void => {
    if (!this.#over.signal.aborted) this.#channel.postMessage(said);
  };

  #retire(): void {
    if (this.#role instanceof TabHost) this.#role.end();
    this.#role = null;
  }

  #lead(): void {
    const { line, name, tab } = this.#options;
    this.#role = new TabHost({
      id: this.#id,
      line,
      post: this.#post,
      whenGone: (other, callback, signal) => {
        tab.navigator!.locks!.request(`${name}|${other}`, { signal }, callback).catch(() => {});
      },
    });
  }

  #follow(): void {
    const { line, tab, name } = this.#options;
    this.#retire();
    line.use((events) => {
      const wire = new TabWire({
        id: this.#id,
        events,
        clock: line.options.clock,
        post: this.#post,
        isSeen: () => tab.document.visibilityState === 'visible',
        speaksFor: (token, me) => line.speaksFor(token, me),
        silent: () => this.#steal(),
        // Who this tab is may have changed since it was asked.
        alone: (token) => (line.options.identity.read().token === token ? this.#plain() : line.restart()),
      });
      this.#role = wire;
      return wire;
    });
    this.#queued = new AbortController();
    this.#hold(name, { signal: this.#queued.signal }, () => this.#succeed());
  }

  /** From a tab that is alone, or frozen. It learns of it at once, or when it wakes, and follows. */
  #steal(): void {
    if (this.#queued.signal.aborted) return;
    this.#queued.abort();
    this.#hold(this.#options.name, { steal: true }, () => this.#succeed());
  }

  #succeed(): void {
    this.#options.line.use();
    this.#lead();
  }

  /** Has the lock until the end, or until another tab steals it; that one is followed. */
  #hold(name: string, options: LockOptions, held: () => void): void {
    const { signal } = this.#over;
    let isHeld = false;
    this.#options.tab
      .navigator!.locks!.request(name, options, () => {
        if (signal.aborted) return;
        isHeld = true;
        held();
        return new Promise<void>((release) => signal.addEventListener('abort', () => release()));
      })
      .catch(() => {
        if (signal.aborted || options.signal?.aborted) return;
        if (isHeld) this.#follow();
        else this.#plain();
      });
  }

  /** A line of its own, until nobody looks any more: the browser forbids sharing, or the others are somebody else. */
  #plain(): void {
    this.#end();
    this.#options.line.use();
  }
}
