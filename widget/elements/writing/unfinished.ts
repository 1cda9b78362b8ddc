// What is not finished in a discussion: own replies on their way, and texts that somebody began and left. Owns the words and
// buttons for how each of them stands; sending is the outbox's, keeping the drafts'.
import { html, nothing } from 'lit';
import type { MessageKey } from '../../i18n/catalogue.js';
import type { Reply } from '../../../shared/views.js';
import type { LiveThread, OutboxEntry } from '../../state/types.js';
import { problem } from '../kit/problem.js';
import type { Place, Stage, Unfinished } from '../stage.js';
import { pauseAfter } from './again.js';
import { button } from './button.js';

export class Unsent implements Unfinished {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #say: (text: string) => void;
  /** The reply that somebody was asked about before it is thrown away. */
  #asked = '';
  /** What was said last of having to wait. */
  #told = '';
  /** Where texts wait, by the reply, as they were when the composer was last moved. */
  #drafts = new Map<string, Place>();
  /** Changes that were saved without a line in a form that is gone: the draft's name by the reply. */
  readonly #saves = new Map<string, string>();
  /** One after the other, with the time that the server asks for. */
  #isSaving = false;
  /** Why such a change could not be saved, by the reply. */
  readonly #refused = new Map<string, string>();
  #place: Place | null = null;

  constructor(stage: Stage, live: LiveThread, say: (text: string) => void) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
  }

  way(entry: OutboxEntry): unknown {
    const { words } = this.#stage;
    const { id, state, error } = entry;
    const button = (key: MessageKey, press: () => void): unknown =>
      html`<button part="button" class=${key} aria-describedby="by-${id}" @click=${press}>${words.say(key)}</button>`;
    if (state === 'sending') return html`<span class="way">${words.say(state)}</span>`;
    if (this.#asked === id) {
      return html`<span role="alert">${words.say('discardSure')}</span>
        ${button('discard', () => void this.#discard(id))} ${button('removeNo', () => void this.#ask(''))}`;
    }
    const changes = html`${button('takeBack', () => this.#takeBack(entry))}
    ${button('discard', () => void this.#ask(id))}`;
    if (state === 'waiting') {
      return html`<span class="way">${words.say(state)}${error ? this.#turn : nothing}</span> ${changes}`;
    }
    const again =
      error?.code === 'parent_gone'
        ? button('toDiscussion', () => this.#elsewhere(entry))
        : button('sendAgain', () => this.#sendAgain(id));
    return html`<span class="problem" part="problem"
        >${words.say('failed')}${error ? ` · ${problem(words, error)}` : ''}</span
      >
      ${again} ${changes}`;
  }

  mark({ id }: Reply): unknown {
    const place = this.#kept().get(id);
    const at = this.#stage.place;
    if (!place || ('under' in at ? at.under : at.edit) === id) return nothing;
    const why = this.#refused.get(id);
    return html`${why && html`<span class="problem" part="problem">${why}</span>`}<button
        part="button"
        class="draft"
        aria-describedby="by-${id}"
        @click=${() => this.#goOn(place)}
      >
        ${this.#stage.words.say(this.#saves.has(id) ? 'waiting' : 'draft')}
      </button>`;
  }

  summary(): unknown {
    const { words, view } = this.#stage;
    this.#kept();
    if (view.status === 'live' && !this.#isSaving) void this.#save();
    const of = (wanted: OutboxEntry['state']): readonly OutboxEntry[] =>
      view.pending.filter(({ state }) => state === wanted);
    const [waiting, failed] = [of('waiting'), of('failed')];
    const isPaused = waiting.some(({ error }) => error) && this.#turn;
    if (isPaused && this.#told !== 'turn') this.#say(words.say('waiting') + isPaused);
    this.#told = isPaused ? 'turn' : '';
    if (failed.length) return this.#line(words.say('notSent', { n: failed.length }), failed[0]!.id);
    if (waiting.length > 1) return this.#line(words.say('waitAll', { n: waiting.length }) + (isPaused || ''));
    const away = [...this.#kept().keys()].find((id) => !this.#article(id));
    return away && !view.pending.length ? this.#line(words.say('draftAway'), away) : undefined;
  }

  #line(text: string, id?: string): unknown {
    const { words } = this.#stage;
    return html`<p class="writers soft" part="writers">
      ${text} ${id ? button(words.say('showThem'), () => this.#show(id), 'quiet') : nothing}
    </p>`;
  }

  /** When the next one is sent, in words; '' where nothing but the line is waited for. */
  get #turn(): string {
    const { words, view } = this.#stage;
    const ms = this.#live.outbox.resumesAt - this.#live.desk.clock.now();
    if (view.status !== 'live' || ms <= 0) return '';
    const seconds = new Intl.NumberFormat(words.lang, { style: 'unit', unit: 'second' });
    return ` · ${words.say('sendsIn', { time: seconds.format(Math.ceil(ms / 1_000)) })}`;
  }

  /** Looked for again when the composer has moved: while it stands somewhere its own text is not told. */
  #kept(): ReadonlyMap<string, Place> {
    const { place } = this.#stage;
    if (place === this.#place) return this.#drafts;
    this.#place = place;
    this.#drafts = new Map();
    this.#saves.clear();
    const { drafts } = this.#live;
    for (const name of drafts.places()) {
      const [, edit, id] = /^(edit:)?([^:~]+)/.exec(name) ?? [];
      if (!id) continue;
      this.#drafts.set(id, edit ? { edit: id } : { under: id });
      if (drafts.read(name)?.saves && !('edit' in place && place.edit === id)) this.#saves.set(id, name);
    }
    const { view } = this.#stage;
    const ids = [...this.#drafts.keys()];
    // Where a text waits there must be a place for it. After this render, which may have asked.
    if (!ids.every((id) => view.kept?.has(id)))
      queueMicrotask(() => view.change({ kept: new Set([...(view.kept ?? []), ...ids]) }));
    return this.#drafts;
  }

  /** The next one is saved as it was; what can't be is a draft again. */
  async #save(): Promise<void> {
    const [[id, name] = []] = this.#saves;
    if (!id) return;
    const { drafts } = this.#live;
    const { words } = this.#stage;
    const { body = '', saves } = drafts.read(name!) ?? {};
    if (!saves) return void this.#saves.delete(id);
    this.#isSaving = true;
    const base = Number(name!.split(':').pop());
    const answer = await this.#live.change('reply:edit', { id, body: body.trim(), base, ...saves });
    if (!answer.ok && answer.error.retry === 'later') {
      await pauseAfter(answer.error);
    } else {
      // Another tab may have saved it, or somebody written on.
      if (drafts.get(name!) === body) drafts.set(name!, answer.ok ? '' : body);
      const why = answer.ok ? '' : `${words.say('failed')} · ${problem(words, answer.error)}`;
      this.#refused.set(id, why);
      this.#say(why || words.say('saved'));
    }
    this.#isSaving = false;
    this.changed();
  }

  /** Another tab has kept something, or let go of it. */
  changed(): void {
    this.#place = null;
    this.#stage.requestUpdate();
  }

  #goOn(place: Place): void {
    const { view } = this.#stage;
    const { drafts } = this.#live;
    // What was removed can't be changed any more: its text goes on as a new one.
    if ('edit' in place && view.get(place.edit)?.state === 'removed') {
      return carry(this.#stage, this.#live, null, ...drafts.places(`edit:${place.edit}:`));
    }
    this.#stage.write(place);
  }

  #article(id: string): HTMLElement | null {
    return this.#stage.renderRoot.querySelector(`[id="${id}"]`);
  }

  /** Where it stands, or at what it answers where that is not loaded. */
  async #show(id: string): Promise<void> {
    const stage = this.#stage;
    const entry = stage.view.pending.find((one) => one.id === id);
    for (let up = entry?.parent; up; up = stage.view.get(up)?.parent) stage.folded.delete(up);
    stage.requestUpdate();
    await stage.updateComplete;
    const article = this.#article(id);
    article?.focus({ preventScroll: true });
    article?.scrollIntoView({ block: 'center', behavior: 'instant' });
    if (article || !stage.kit) return;
    // Nothing is there any more to answer: the text goes on as a new one.
    const tools = await stage.kit.tools();
    if ((await tools?.places.goTo(entry?.parent ?? id)) === false && !entry && stage.view.status === 'live')
      carry(stage, this.#live, null, id);
  }

  /** The button goes: the focus stays at its reply. */
  #sendAgain(id: string): void {
    this.#live.outbox.retry(id);
    this.#article(id)?.focus({ preventScroll: true });
  }

  #elsewhere({ id, mentions }: OutboxEntry): void {
    const body = this.#live.outbox.discard(id);
    if (body) void this.#show(this.#live.post({ parent: null, body, mentions }));
  }

  /** The text goes back to where it can be written on. */
  #takeBack({ id, parent: under, answers }: OutboxEntry): void {
    const { drafts, outbox } = this.#live;
    const parent = under && this.#stage.view.get(under) ? under : null;
    const body = outbox.discard(id);
    if (!body) return;
    drafts.set(parent, join(drafts.get(parent), body), answers ? { answers } : {});
    this.#stage.write({ under: parent, focus: true });
  }

  /** Asks, or takes the question back; the focus stays in the line. */
  async #ask(id: string): Promise<void> {
    const at = id || this.#asked;
    this.#asked = id;
    this.#stage.requestUpdate();
    await this.#stage.updateComplete;
    this.#article(at)
      ?.querySelector<HTMLElement>(id ? '.removeNo' : '.discard')
      ?.focus();
  }

  async #discard(id: string): Promise<void> {
    const parent = this.#stage.view.pending.find((one) => one.id === id)?.parent;
    this.#live.outbox.discard(id);
    await this.#stage.updateComplete;
    const next = (parent && this.#article(parent)) || this.#stage.renderRoot.querySelector<HTMLElement>('textarea');
    next?.focus({ preventScroll: true });
  }
}

/** Texts for one place, the older one first. */
function join(...texts: readonly string[]): string {
  return texts.filter(Boolean).join('\n\n');
}

/** What waits in these places goes on at the list, or under another reply, behind what was begun there. */
export function carry(stage: Stage, { drafts }: LiveThread, under: string | null, ...from: (string | null)[]): void {
  drafts.set(under, join(...[under, ...from].map((place) => drafts.get(place))));
  for (const place of from) drafts.set(place, '');
  stage.write({ under, focus: true });
  // A form that stood there already looks for its text when it is gone to.
  void stage.updateComplete.then(() => stage.renderRoot.querySelector('textarea')?.focus());
}
