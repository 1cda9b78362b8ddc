// Says in words, for those who don't see the page, what changed in it: politely, together, and never in a stream.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import type { Status } from '../state/types.js';

/** Somebody who listens is spoken to at most this often. */
const GAP_MS = 3_000;

export class Announcer implements ReactiveController {
  readonly #stage: Stage;
  readonly #region = document.createElement('div');
  #texts: string[] = [];
  #arrived = 0;
  #heard: ReadonlySet<string> = new Set();
  #status: Status = 'connecting';
  #timer = 0;
  #last = -Infinity;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#region.className = 'unseen';
    this.#region.setAttribute('role', 'status');
    stage.renderRoot.prepend(this.#region);
  }

  hostUpdated(): void {
    const { view, words } = this.#stage;
    const { fresh, status } = view;
    this.#region.lang = words.lang;
    for (const id of fresh) if (!this.#heard.has(id)) this.#arrived++;
    this.#heard = fresh;
    if (status !== this.#status) {
      const [before, since] = [this.#status, view.offlineSince ?? Date.now()];
      this.#status = status;
      if (status === 'offline') this.say(words.say('offline', { time: words.clock(since) }));
      // Coming online is news only to those who heard that it was not.
      else if (status === 'live' && before !== 'connecting') this.say(words.say('live'));
    }
    if (this.#arrived) this.#plan();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  say(text: string): void {
    this.#texts.push(text);
    this.#plan();
  }

  remove(): void {
    this.hostDisconnected();
    this.#region.remove();
  }

  #plan(): void {
    // A moment, so that what happens together is said together.
    this.#timer ||= setTimeout(() => this.#speak(), Math.max(200, this.#last + GAP_MS - Date.now())) as unknown as number;
  }

  #speak(): void {
    this.#timer = 0;
    this.#last = Date.now();
    if (this.#arrived) this.#texts.push(this.#stage.words.say('arrived', { n: this.#arrived }));
    // Of what was said twice the last time counts: "offline", "live", "offline" is one fact.
    this.#region.textContent = [...new Set(this.#texts.reverse())].reverse().join(' · ');
    this.#texts = [];
    this.#arrived = 0;
  }
}
