// A browser with several tabs, as far as sharing a line goes: its locks and its channels, and tabs that end or freeze.
import type { Channel, Tab } from '../../widget/net/share.js';

interface Request {
  tab: BrowserTab;
  steal: boolean;
  grant(): void;
  /** Rejects what was asked for, or what was held. */
  fail(error: Error): void;
}

const aborted = (): Error => new DOMException('The request was aborted.', 'AbortError');

/** Locks as the Web Locks API has them (exclusive ones), given in the order of asking. */
class Locks {
  readonly #held = new Map<string, Request>();
  readonly #queues = new Map<string, Request[]>();

  request(
    tab: BrowserTab,
    name: string,
    options: LockOptions,
    callback: LockGrantedCallback<unknown>,
  ): Promise<unknown> {
    const { ifAvailable = false, steal = false, signal } = options;
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const request: Request = {
        tab,
        steal,
        // It hears of it when it wakes, and after all that came before.
        fail: (error) => tab.run(() => reject(error)),
        grant: () => {
          this.#held.set(name, request);
          Promise.resolve()
            .then(() => callback({ name, mode: 'exclusive' }))
            .then(resolve, reject)
            .finally(() => this.#free(name, request));
        },
      };
      if (ifAvailable && (this.#held.has(name) || queue.length)) {
        void Promise.resolve(callback(null)).then(resolve, reject);
      } else if (steal) {
        this.#held.get(name)?.fail(aborted());
        request.grant();
      } else {
        signal?.addEventListener('abort', () => {
          if (!queue.includes(request)) return;
          queue.splice(queue.indexOf(request), 1);
          reject(aborted());
        });
        queue.push(request);
        this.#next(name);
      }
    });
  }

  /** As when a tab has ended: nothing more is called there. */
  forget(tab: BrowserTab): void {
    for (const queue of this.#queues.values()) {
      for (const request of queue.filter((one) => one.tab === tab)) queue.splice(queue.indexOf(request), 1);
    }
    for (const [name, request] of this.#held) if (request.tab === tab) this.#free(name, request);
  }

  #free(name: string, request: Request): void {
    if (this.#held.get(name) !== request) return;
    this.#held.delete(name);
    this.#next(name);
  }

  #next(name: string): void {
    if (!this.#held.has(name)) this.#queues.get(name)?.shift()?.grant();
  }
}

/** The `BroadcastChannel` of this tab. */
function channelOf(browser: Browser, tab: BrowserTab): Tab['BroadcastChannel'] {
  return class implements Channel {
    onmessage: Channel['onmessage'] = null;
    readonly name: string;

    constructor(name: string) {
      this.name = name;
      browser.channels.add([tab, this]);
    }

    postMessage(message: unknown): void {
      for (const [to, channel] of browser.channels) {
        if (channel.name !== this.name || (channel as unknown) === this) continue;
        const data: unknown = structuredClone(message);
        browser.said.push(data);
        setImmediate(() => to.run(() => channel.onmessage?.({ data })));
      }
    }

    close(): void {
      this.onmessage = null;
      for (const entry of browser.channels) if ((entry[1] as unknown) === this) browser.channels.delete(entry);
    }
  };
}

export class BrowserTab implements Tab {
  readonly navigator: NonNullable<Tab['navigator']>;
  readonly BroadcastChannel: Tab['BroadcastChannel'];
  readonly document = { visibilityState: 'visible' };
  #asleep: (() => void)[] | null = null;

  constructor(browser: Browser) {
    const request = (name: string, ...rest: unknown[]): Promise<unknown> => {
      const callback = rest.pop() as LockGrantedCallback<unknown>;
      const options = (rest.pop() ?? {}) as LockOptions;
      return browser.locks.request(this, name, options, (lock) => {
        // What is given to a frozen tab is its own, but it does nothing with it.
        if (!this.#asleep) return callback(lock);
        return new Promise((resolve) => this.#asleep!.push(() => resolve(callback(lock))));
      });
    };
    this.navigator = { locks: { request: request as LockManager['request'] } };
    this.BroadcastChannel = channelOf(browser, this);
  }

  /** A task of this tab: waits while it is frozen. */
  run(task: () => void): void {
    if (this.#asleep) this.#asleep.push(task);
    else task();
  }

  freeze(): void {
    this.#asleep ??= [];
  }

  thaw(): void {
    const tasks = this.#asleep ?? [];
    this.#asleep = null;
    for (const task of tasks) task();
  }
}

export class Browser {
  readonly locks = new Locks();
  readonly channels = new Set<[BrowserTab, Channel & { name: string }]>();
  /** Everything that one tab said to another. */
  readonly said: unknown[] = [];

  tab(): BrowserTab {
    return new BrowserTab(this);
  }

  /** The tab crashes: its locks are free, nothing is said and nothing runs there any more. */
  kill(tab: BrowserTab): void {
    tab.freeze();
    for (const entry of this.channels) if (entry[0] === tab) this.channels.delete(entry);
    this.locks.forget(tab);
  }
}
