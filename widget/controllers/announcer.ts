// Says in words, for those who don't see the page, what changed in it: politely, together, and never in a stream.
import type { ReactiveController } from 'lit';
import { hourOf } from '../i18n/clock.js';
import { problem } from '../elements/kit/problem.js';
import type { Stage } from '../elements/stage.js';
import type { OutboxEntry, Status } from '../state/types.js';

/** Somebody who listens is spoken to at most this often. */
const GAP_MS = 3_000;
/** What was said is taken away, so that nobody finds old news at the top of the discussion. */
const FORGET_MS = 10_000;

export class Announcer implements ReactiveController {
  readonly #stage: Stage;
  readonly #region = document.createElement('div');
  #texts: string[] = [];
  #arrived = 0;
  #toMe = 0;
  #heard: ReadonlySet<string> = new Set();
  /** Own replies on their way, and how they stood. */
  #sent: ReadonlyMap<string, OutboxEntry['state']> = new Map();
  #status: Status = 'connecting';
  #timer = 0;
  #forget = 0;
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
    if (this.#region.lang !== words.lang) this.#region.lang = words.lang;
    for (const id of fresh) {
      if (this.#heard.has(id)) continue;
      this.#arrived++;
      const parent = view.get(view.get(id)?.parent ?? '');
      if (parent && parent.author.id === view.you?.me?.id) this.#toMe++;
    }
    this.#heard = fresh;
    if (status !== this.#status && (status === 'offline' || status === 'live')) {
      // Coming online is news only to those who heard that it was not.
      if (status === 'offline') this.say(words.say(status, { time: hourOf(words.times, view.offlineSince!) }));
      else if (this.#status === 'offline') this.say(words.say(status));
      this.#status = status;
    }
    for (const { id, state, error } of view.pending) {
      if (state === 'failed' && this.#sent.has(id) && this.#sent.get(id) !== 'failed') {
        this.say(`${words.say('failed')}: ${error ? problem(words, error) : ''}`);
      }
    }
    const sent = new Map(view.pending.map(({ id, state }) => [id, state]));
    for (const id of this.#sent.keys()) if (!sent.has(id) && view.get(id)) this.say(words.say('posted'));
    this.#sent = sent;
    if (this.#arrived) this.#plan();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#forget);
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
    this.#timer ||= setTimeout(
      () => this.#speak(),
      Math.max(200, this.#last + GAP_MS - Date.now()),
    ) as unknown as number;
  }

  #speak(): void {
    this.#timer = 0;
    this.#last = Date.now();
    const { words, kit } = this.#stage;
    if (this.#arrived && kit?.prefs.get('announce') !== false) {
      const arrived = words.say('arrived', { n: this.#arrived });
      this.#texts.push(this.#toMe ? words.say('toYou', { arrived, n: this.#toMe }) : arrived);
    }
    // Of what was said twice the last time counts: "offline", "live", "offline" is one fact.
    this.#region.textContent = [...new Set(this.#texts.reverse())].reverse().join(' · ');
    this.#texts = [];
    this.#arrived = this.#toMe = 0;
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => (this.#region.textContent = ''), FORGET_MS) as unknown as number;
  }
}
