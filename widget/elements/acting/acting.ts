// What a reader does with replies that stand: votes, reactions, reports, taking back. Loaded at the first sign that somebody
// is there. Owns the line under a reply and joins the single acts to one discussion.
import { html, nothing } from 'lit';
import { Announcer } from '../../controllers/announcer.js';
import { NAME_MAX } from '../../../shared/limits.js';
import type { Reply } from '../../../shared/views.js';
import { ACTING } from '../../i18n/en-acting.js';
import { Backoff } from '../../net/backoff.js';
import { Mine, type Value, type What } from '../../state/mine.js';
import type { LiveThread, Node } from '../../state/types.js';
import { problem } from '../kit/problem.js';
import { sheet } from '../sheet.js';
import type { Stage, Unfinished } from '../stage.js';
import styles from './acting.css?inline';
import { choices, reactionsOf } from './choices.js';
import { FocusKeeper } from './focus.js';
import { icon } from './icon.js';
import { pickerTemplate } from './picker.js';
import { Pop } from './pop.js';
import { Removing } from './removing.js';
import { Strong } from './strong.js';
import { Texts } from './texts.js';
import { VisitKeeper } from './visit.js';

const extra = sheet(styles);
const FLAG = 'M4 15V2h9l-2 3.5L13 9H4';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** A line that is tried again sooner than this is not counted down. */
const COUNTED_MS = 5_000;
/** Arrivals that wait are offered at what they answer as long as there are no more than these. */
const FEW = 50;
/** From here on an author is told how long a reply may still be edited. */
const SOON_MS = 5 * MINUTE_MS;

export class Acting {
  readonly mine: Mine;
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #announcer: Announcer;
  readonly #pop: Pop;
  readonly #removing: Removing;
  readonly #texts: Texts;
  readonly #strong: Strong;
  readonly #visit: VisitKeeper;
  readonly #focus: FocusKeeper;
  readonly #unlisten: () => void;
  /** What came of an act, in words, by reply. */
  readonly #notes = new Map<string, string>();
  #name: string;
  #unsent: Unfinished | undefined;
  #tick = 0;
  /** The attempt that is counted down. */
  #counted = 0;
  /** What was pressed when a name was asked for. */
  #asked: HTMLElement | null = null;

  constructor(stage: Stage, live: LiveThread) {
    this.#stage = stage;
    this.#live = live;
    this.#announcer = new Announcer(stage);
    stage.addController(this.#announcer);
    const { say } = this;
    const root = stage.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
    // Later renders know the words by the kits; this one at once.
    if (stage.kits) stage.kits.words = { ...ACTING, ...stage.kits.words };
    stage.words = stage.words.with(ACTING);
    const { view } = stage;
    const { keep, clock, scope } = live.desk;
    this.mine = new Mine({
      state: view,
      keep,
      scope: `acts:${scope}`,
      clock,
      backoff: new Backoff(clock),
      send: (id, emoji, value) =>
        emoji ? live.ask('reply:react', { id, emoji, on: value > 0 }) : live.ask('reply:vote', { id, value }),
    });
    this.#pop = new Pop(stage);
    this.#removing = new Removing(stage, live, say);
    this.#texts = new Texts(stage, say);
    this.#strong = new Strong(stage);
    stage.addController(this.#texts);
    stage.addController(this.#strong);
    this.#focus = new FocusKeeper(stage);
    stage.addController(this.#focus);
    this.#visit = new VisitKeeper(stage, live);
    this.#name = live.name;
    // What was not finished on an earlier visit is told.
    if (view.pending.length || live.drafts.places().length) this.#recall();
    addEventListener('storage', this.#kept);
    // Who selects something may want to quote it.
    root.addEventListener('selectstart', () => void stage.kit?.tools(), { once: true });
    this.#unlisten = view.subscribe(() => this.#follow());
    this.#follow();
    stage.requestUpdate();
  }

  /** Comes with the writing tools. */
  get #unfinished(): Unfinished | undefined {
    return (this.#unsent ??= this.#stage.written?.unfinished(this.#live, this.say));
  }

  #recall(): void {
    void this.#stage.kit?.writing().then(() => this.#unsent?.changed());
  }

  /** In another tab. */
  readonly #kept = ({ key }: StorageEvent): void => {
    if (key?.includes(this.#live.desk.scope)) this.#recall();
  };

  /** Chooses it; who has no name yet is asked for one at the same place. */
  readonly choose = async (reply: Reply, what: What, value: Value): Promise<void> => {
    this.#notes.delete(reply.id);
    this.#asked = (this.#stage.renderRoot as ShadowRoot).activeElement as HTMLElement | null;
    this.mine.choose(reply.id, what, value);
    if (this.#live.name) return;
    await new Promise(requestAnimationFrame);
    this.#stage.renderRoot.querySelector<HTMLElement>(`[id="${reply.id}"] .naming input`)?.focus();
  };

  readonly pick = (reply: Reply, button: HTMLElement): void => {
    const isOn = (one: What): boolean => this.mine.of(reply, one).value > 0;
    const press = (one: What): void => {
      this.#pop.close();
      void this.choose(reply, one, isOn(one) ? 0 : 1);
    };
    this.#pop.open(button, this.#stage.words.say('react'), pickerTemplate(reactionsOf(this.#stage), isOn, press));
  };

  async #report(reply: Reply, button: HTMLElement): Promise<void> {
    const told = (text: string): void => {
      this.#notes.set(reply.id, text);
      this.say(text);
      this.#stage.requestUpdate();
    };
    const tools = await this.#stage.kit?.tools();
    if (tools) tools.report(reply, this.#pop, button, told);
    else told(this.#stage.words.say('moreFailed'));
  }

  async #history(reply: Reply, button: HTMLElement): Promise<void> {
    await (await this.#stage.kit?.tools())?.history(reply, this.#pop, button);
  }

  /** Answers that wait: let in here alone. In a stream nobody looks for single ones. */
  #arrived({ id }: Reply): unknown {
    const { view, words } = this.#stage;
    const { held } = view.tree();
    const news = held.length > FEW ? [] : held.filter((one) => view.get(one)?.parent === id);
    if (!news.length) return nothing;
    return html`<button part="button" class="quiet" @click=${() => view.reveal(news)}>
      ${words.say('newAnswers', { n: news.length })}
    </button>`;
  }

  /** The line under a reply; in place of one that was removed here, the way back. */
  line({ reply, pending }: Node): unknown {
    const { words } = this.#stage;
    const unfinished = this.#unfinished;
    if (pending) return unfinished?.way(pending) ?? html`<span class="way">${words.say(pending.state)}</span>`;
    const draft = unfinished?.mark(reply);
    if (reply.state === 'removed') return html`${this.#removing.undo(reply)}${draft}`;
    const error = this.mine.failed.get(reply.id);
    const note = this.#notes.get(reply.id);
    return html`${draft}${this.#reading(reply)}${choices(this.#stage, reply, this)}${this.#offers(reply)}${this.#removing.line(reply)}${
      error ? html`<span class="problem" part="problem" role="alert">${problem(words, error)}</span>` : nothing
    }${note ? html`<span>${note}</span>` : nothing}${
      this.mine.nameless && this.mine.waits(reply.id) ? this.#naming(reply) : nothing
    }${this.#arrived(reply)}`;
  }

  /** What waits to be sent; else who is writing now, of those who let it be seen. */
  writers(): unknown {
    const summary = this.#unfinished?.summary();
    if (summary) return summary;
    const { words, view, kit } = this.#stage;
    const [name, ...others] = this.#live.presence.typing.filter((one) => one !== this.#live.name);
    if (!name || view.status !== 'live' || kit?.prefs.get('presence') === false) return nothing;
    return html`<p class="writers soft" part="writers" dir="auto">
      ${words.say(others.length > 0 ? 'writingToo' : 'writing', { name })}
    </p>`;
  }

  /** What marks an edited reply: for those who may see what it was, the way there. */
  edited(reply: Reply): unknown {
    const { words, view } = this.#stage;
    const me = view.you?.me;
    const maySee = me && (me.badge !== 'guest' || me.id === reply.author.id);
    const show = ({ currentTarget }: Event): void => void this.#history(reply, currentTarget as HTMLElement);
    const mark = words.say('edited');
    const at = reply.editedAt ?? '';
    return html`<time
      class="soft"
      part="edited"
      datetime=${at}
      title=${this.#stage.kit?.moment(Date.parse(at)) ?? nothing}
      >${maySee ? html`<button part="button" @click=${show}>${mark}</button>` : mark}</time
    >`;
  }

  /** When the line is tried again, and the way not to wait for it; counted where it takes a while. */
  next(): unknown {
    const { words, view } = this.#stage;
    const { line, desk, outbox } = this.#live;
    const now = desk.clock.now();
    clearTimeout(this.#tick);
    if (Math.max(line.retryAt, outbox.resumesAt) > now)
      this.#tick = setTimeout(() => this.#stage.requestUpdate(), SECOND_MS) as unknown as number;
    if (view.status !== 'offline') return void (this.#counted = 0);
    if (line.retryAt - now > COUNTED_MS) this.#counted = line.retryAt;
    if (!this.#counted) return nothing;
    const left = line.retryAt - now;
    const time = this.#span('second', 'short', left / SECOND_MS);
    return html`${left > 0 ? html`<span class="next" part="hint">${words.say('triesIn', { time })}</span>` : nothing}<button
        part="button"
        class="quiet"
        @click=${() => line.restart()}
      >
        ${words.say('tryNow')}
      </button>`;
  }

  /** Tells those who don't see the page. */
  readonly say = (text: string): void => this.#announcer.say(text);

  stop(): void {
    this.#stage.removeController(this.#announcer);
    this.#announcer.remove();
    clearTimeout(this.#tick);
    removeEventListener('storage', this.#kept);
    this.#stage.removeController(this.#focus);
    this.#visit.stop();
    this.#unlisten();
    this.#stage.removeController(this.#texts);
    this.#stage.removeController(this.#strong);
    this.#texts.hostDisconnected();
    this.mine.hold();
    this.#pop.close();
  }

  #follow(): void {
    const { status } = this.#stage.view;
    const { name } = this.#live;
    const isRenamed = name !== this.#name;
    this.#name = name;
    // The words for it.
    if (this.mine.failed.size || this.mine.nameless) void this.#stage.kit?.writing();
    if (status !== 'live') this.mine.hold();
    else if (isRenamed || !this.mine.isOpen) this.mine.open();
  }

  /** Below a text that is too long to stand there whole. */
  #reading({ id }: Reply): unknown {
    const { words } = this.#stage;
    const isOpen = this.#texts.opened.has(id);
    if (!isOpen && !this.#texts.cut.has(id)) return nothing;
    return html`<button
      part="more"
      class="all"
      aria-expanded=${isOpen}
      aria-describedby="by-${id}"
      @click=${() => this.#texts.open(id, !isOpen)}
    >
      ${words.say(isOpen ? 'readLess' : 'readMore')}
    </button>`;
  }

  /** What its author may do with a reply, and what others may. */
  #offers(reply: Reply): unknown {
    const { words, view } = this.#stage;
    const button = (name: 'edit' | 'remove' | 'report', press: (button: HTMLElement) => void, face: unknown) =>
      html`<button
        part="button"
        class=${name}
        aria-label=${words.say(name)}
        aria-describedby="by-${reply.id}"
        @click=${({ currentTarget }: Event) => press(currentTarget as HTMLElement)}
      >
        ${face}
      </button>`;
    if (reply.author.id !== view.you?.me?.id) return button('report', (at) => void this.#report(reply, at), icon(FLAG));
    const seconds = view.rules?.editWindowSeconds ?? Infinity;
    const left = Date.parse(reply.createdAt) + seconds * 1_000 - Date.now();
    return html`${
      left > 0 ? button('edit', () => this.#stage.write({ edit: reply.id }), words.say('edit')) : nothing
    }${left > 0 && left < SOON_MS ? this.#left(left) : nothing}${button(
      'remove',
      () => void this.#removing.press(reply),
      words.say('remove'),
    )}`;
  }

  #left(ms: number): unknown {
    const { words } = this.#stage;
    return html`<span>${words.say('editLeft', { time: this.#span('minute', 'long', ms / MINUTE_MS) })}</span>`;
  }

  #span(unit: 'second' | 'minute', unitDisplay: 'short' | 'long', n: number): string {
    return new Intl.NumberFormat(this.#stage.words.lang, { style: 'unit', unit, unitDisplay }).format(Math.ceil(n));
  }

  #naming({ id }: Reply): unknown {
    const { words } = this.#stage;
    const takeBack = (): void => {
      this.mine.takeBack(id);
      this.#asked?.focus({ preventScroll: true });
    };
    const { nameless } = this.mine;
    const give = ({ target }: Event): void => {
      if (this.mine.waits(id)) this.#live.setName((target as HTMLInputElement).value);
    };
    // The focus stays where it is until the press ends: leaving the box would give the name.
    const stay = (event: Event): void => event.preventDefault();
    const why = nameless?.field ? problem(words, nameless) : words.say('nameToVote');
    return html`<span class="naming" part="naming"
      ><span role="alert">${why}</span>
      <input
        part="name"
        aria-label=${why}
        autocomplete="nickname"
        maxlength=${NAME_MAX}
        dir="auto"
        @change=${give}
        @keydown=${({ key }: KeyboardEvent) => key === 'Escape' && takeBack()}
      /><button part="button">${words.say('nameDone')}</button
      ><button part="button" @mousedown=${stay} @click=${takeBack}>${words.say('takeBack')}</button></span
    >`;
  }
}
