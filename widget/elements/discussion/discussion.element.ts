// The discussion: one element, one open shadow root. Owns its life in the page (which thread it shows, when it loads,
// when it leaves) and hands everything that is seen to the templates. Never touches a socket.
import { LitElement, type TemplateResult } from 'lit';
import type { ErrorBody } from '../../../shared/errors.js';
import type { Snapshot, Sort } from '../../../shared/views.js';
import { ENGLISH, wordsFor, type Load } from '../../i18n/languages.js';
import type { Words } from '../../i18n/words.js';
import { ThreadState } from '../../state/thread.js';
import { part } from '../../part.js';
import { dress } from '../../theme/dress.js';
import type { Setting, Settings } from '../settings.js';
import type * as Looks_ from '../../looks/looks.js';
import { sheet } from '../sheet.js';
import type { Kit, Kits, Place, Stage, WritingHelp } from '../stage.js';
import styles from './discussion.css?inline';
import { rootTemplate } from './frame.js';

type Looks = typeof Looks_;

/** What all discussions of one page share. */
export interface Context {
  readonly settings: Settings;
  /** Answers that the loader asked for already, by address; each is taken once. */
  readonly early: Map<string, Promise<Response | null> | Response>;
  /** The one that the script made because the page had none; it goes when the page gets one. */
  readonly own: Element | undefined;
  /** The second download, fetched once; waits for as long as it can't be had. */
  kits(): Promise<Kits>;
  /** The words of a language, likewise. */
  readonly language: Load;
}

/** What this reader's device remembers, written by the tools. */
export interface Remembered {
  sort?: Sort;
  folded?: string[];
}

/** Moving an element in the page takes it out for a moment; only one that stays out is left. */
const LEAVE_AFTER_MS = 2_000;
/** The replies as the page itself brought them (HTTP5); its styles hide what is drawn beside it. */
const GIVEN = '#given';
const NEAR = { rootMargin: '600px' };
/** So long the first drawing waits for replies that are on their way: drawing twice makes them late on a slow phone. */
const FIRST_MS = 200;
/** And replies that are there, for their words: on a slow line these come a round trip later, and what was English shifts. */
const WORDS_MS = 1_000;
/** What the loader set; from the first paint on the style sheet says it, and leaves `hidden` its say. */
const NO_RESERVE = { display: '', height: '' };

/**
 * The live discussion of the page that it stands in. The script tag takes the same names as `data-` attributes, for every
 * element that says nothing itself. A value that does not exist counts as nothing said.
 *
 * Until the first paint it is as high as an empty discussion. Where something stands below it in the first screen, a
 * `min-height` in the page's style sheet keeps that from moving when the replies come.
 *
 * @tag afterword-discussion
 * @attr {string} site - The site's name on the server.
 * @attr {string} thread - The discussion's key; else the page's canonical address, else its address.
 * @attr {string} title - What is discussed; else the page's title.
 * @attr {'auto' | 'light' | 'dark' | 'contrast'} theme - `auto` is as the page is, and strong in contrast where the reader's system asks for it; `contrast` always is.
 * @attr {string} accent - Any CSS colour; made darker or lighter where it could not be read.
 * @attr {string} radius - Corner radius: a number of pixels or a CSS length.
 * @attr {string} font - A CSS font family; else the page's own.
 * @attr {'comfortable' | 'compact'} density - How much air there is; `compact` is the look of that name.
 * @attr {'plain' | 'paper' | 'compact'} look - A ready-made look: as the page (`plain`), as a letters page (`paper`), or for busy threads (`compact`).
 * @attr {'en' | 'ar' | 'de' | 'es' | 'fa' | 'fr' | 'he' | 'hi' | 'it' | 'ja' | 'ko' | 'nl' | 'pl' | 'pt' | 'ru' | 'tr' | 'uk' | 'zh-Hans' | 'zh-Hant'} lang - Else the page's language, else English.
 * @attr {'oldest' | 'newest' | 'best'} sort - The order; `oldest` where nothing is said.
 * @attr {'auto' | 'hold' | 'anchor' | 'follow' | 'pause'} pace - What becomes of arrivals, where a reader chose nothing: in place where nothing that is read moves, else they wait (`auto`); all wait (`hold`); all in place, with the line that is read held still (`anchor`); the newest stays in sight (`follow`); the page stays as it is (`pause`).
 * @attr {'up' | 'updown' | 'none'} votes - What readers may give a reply, within what the site takes; `up` where nothing is said.
 * @attr {string} reactions - `on`, `none`, or those of the site's emoji that are offered here, with spaces between.
 * @attr {string} heading - In place of "7 replies on …"; may hold `{n}` and `{title}`.
 * @attr {string} server - The server's address, where it is not where the script came from.
 * @attr {'connecting' | 'live' | 'catching-up' | 'offline'} status - Written by the element, for styles and scripts.
 *
 * @csspart discussion - All of it.
 * @csspart header - The line above the replies.
 * @csspart heading - The heading with the count.
 * @csspart status - The live status beside it.
 * @csspart settings - The button that opens the reading settings.
 * @csspart note - Words in place of replies or of the composer: empty, closed, refused, broken.
 * @csspart list - All replies.
 * @csspart arrivals - Where the button stands that arrivals wait behind.
 * @csspart arrivals-button - That button.
 * @csspart reply - One reply, without the answers to it.
 * @csspart branch - The answers to a reply.
 * @csspart avatar - The author's initials.
 * @csspart by - The line of name, badge and time.
 * @csspart author - The author's name.
 * @csspart badge - What the author is here.
 * @csspart time - When it was written.
 * @csspart edited - That it was changed.
 * @csspart parent - Whom a deep reply answers.
 * @csspart body - The text.
 * @csspart mention - Somebody's name in a text.
 * @csspart copy - The button that copies code.
 * @csspart actions - The line of buttons below a text.
 * @csspart button - Any button that has no part of its own.
 * @csspart votes - The votes: buttons and count.
 * @csspart vote - A button that votes.
 * @csspart count - A number of votes or reactions.
 * @csspart reactions - The reactions that a reply has.
 * @csspart reaction - An emoji with its count.
 * @csspart naming - The question for a name, where a vote needs one.
 * @csspart new - What marks a reply as new since the last visit.
 * @csspart fold - The handle that folds a branch, or unfolds it.
 * @csspart more - A button that shows more: replies, a branch, the rest of a long text.
 * @csspart pop - A small box beside a button: to choose a reaction, to report, earlier texts.
 * @csspart choice - An emoji to choose in such a box.
 * @csspart writers - Who is writing.
 * @csspart composer - The form.
 * @csspart composer-heading - Its heading.
 * @csspart text - A box for longer text.
 * @csspart name - The box for one's name.
 * @csspart post - The button that sends.
 * @csspart toolbar - What formats the text.
 * @csspart tool - A button of it, and the one for the preview.
 * @csspart preview - The text as it will be shown.
 * @csspart options - People or emoji that complete what is typed.
 * @csspart option - One of them.
 * @csspart conflict - The other text, where two were written at once.
 * @csspart hint - Quiet words beside a form or a button.
 * @csspart problem - What is wrong, in words.
 * @csspart menu - The reading settings.
 * @csspart help - The keys.
 * @csspart key - One of them.
 * @csspart branch-bar - Above a branch that is shown alone: the way back.
 * @csspart visit-bar - What is new since the last visit, and the way from one to the next.
 *
 * @cssproperty --afterword-accent - As the attribute `accent`: links, pressed buttons, what sends.
 * @cssproperty --afterword-accent-contrast - What stands on the accent; else black or white.
 * @cssproperty --afterword-text - The text; else the page's own colour.
 * @cssproperty --afterword-muted - Quiet words: times, buttons, hints.
 * @cssproperty --afterword-line - Hairlines.
 * @cssproperty --afterword-surface - Menus and boxes above the page, and the discussion itself where its theme is not the page's.
 * @cssproperty --afterword-tint - Behind what is chosen or has just arrived.
 * @cssproperty --afterword-mark - What marks a reply: linked to, or new since the last visit.
 * @cssproperty --afterword-live - The dot of the live status.
 * @cssproperty --afterword-danger - What is wrong, in words.
 * @cssproperty --afterword-focus - The ring around what has the focus.
 * @cssproperty --afterword-edge - The edge of boxes that are written in.
 * @cssproperty --afterword-field - Their ground.
 * @cssproperty --afterword-avatar - The ground of avatars; else a hue of each author's own.
 * @cssproperty --afterword-shadow - The shadow of what lies above the page.
 * @cssproperty --afterword-backdrop - Behind an open menu.
 * @cssproperty --afterword-font - As the attribute `font`.
 * @cssproperty --afterword-code-font - The font of code.
 * @cssproperty --afterword-size - Size of the text; else the page's own.
 * @cssproperty --afterword-title-size - Size of the heading, of the text's: 1.25em.
 * @cssproperty --afterword-small-size - Size of names, times, buttons and code: 0.875em.
 * @cssproperty --afterword-line-height - Height of a line of text: 1.6.
 * @cssproperty --afterword-measure - Longest line: 68ch.
 * @cssproperty --afterword-space - Space above and below a reply: 0.75em.
 * @cssproperty --afterword-gap - Space between things, and within buttons and boxes: 0.5em, of which some take half or three halves.
 * @cssproperty --afterword-indent - How far answers are indented; else as far as the text of what they answer.
 * @cssproperty --afterword-cut - Height at which a long reply is cut: 38em.
 * @cssproperty --afterword-avatar-size - 2em.
 * @cssproperty --afterword-avatar-radius - 50%.
 * @cssproperty --afterword-radius - As the attribute `radius`: 6px.
 * @cssproperty --afterword-round - Corners of what is quite round: 2em.
 * @cssproperty --afterword-line-width - Width of hairlines: 1px.
 * @cssproperty --afterword-focus-width - Width of the ring around what has the focus: 2px.
 * @cssproperty --afterword-sticky - Room at the edge of the window that the button for arrivals keeps free.
 */
export class Discussion extends LitElement implements Stage {
  static context: Context;
  static override styles = sheet(styles);

  static override get observedAttributes(): string[] {
    return 'site thread title theme accent radius font density look lang sort pace votes reactions heading server'.split(
      ' ',
    );
  }

  view = new ThreadState();
  words: Words = ENGLISH;
  kit: Kit | null = null;
  place: Place = { under: null };
  folded = new Set<string>();
  readonly #near = new IntersectionObserver((entries) => this.#approach(entries.at(-1)!.isIntersecting), NEAR);
  #isNear = false;
  #worn: Looks | undefined;
  #dressed: Promise<unknown> | undefined;
  #first: Promise<void> | undefined;
  #arrived: (() => void) | undefined;
  /** What is shown now, by the address of its snapshot; '' for nothing yet. */
  #shown = '';
  #leaving: number | undefined;
  kits: Kits | null = null;
  declare written?: WritingHelp;

  get #context(): Context {
    return (this.constructor as typeof Discussion).context;
  }

  get subject(): string {
    return this.setting('title') || document.title;
  }

  setting(name: Setting): string {
    return this.#context.settings.get(this, name);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { own, early } = this.#context;
    if (own !== this) own?.remove();
    clearTimeout(this.#leaving);
    const given = this.renderRoot.querySelector(GIVEN);
    // Before what this reader chose here: that may be another order than the page has.
    if (given) early.set(this.#address(), new Response(given.lastChild!.textContent));
    this.#recall();
    this.#near.observe(this);
    // What the page brought is shown meanwhile, in its language.
    const speaking = this.#speak(given ? 10 * WORDS_MS : WORDS_MS);
    this.#dressed = this.#dress().then(() => speaking);
    // The loader asked already, or the page has it.
    if (!early.has(this.#address())) return;
    this.#first = new Promise((drawn) => {
      this.#arrived = drawn;
      setTimeout(drawn, FIRST_MS);
    });
    this.open();
  }

  protected override async scheduleUpdate(): Promise<void> {
    await this.#first;
    void super.scheduleUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#near.disconnect();
    this.#leaving = setTimeout(() => {
      this.#dropKit();
      this.#isNear = false;
    }, LEAVE_AFTER_MS) as unknown as number;
  }

  override attributeChangedCallback(_: string, before: string | null, now: string | null): void {
    if (before === now || !this.isConnected) return;
    this.pageChanged();
  }

  protected override render(): TemplateResult {
    return rootTemplate(this, dress(this));
  }

  /** What is worn beside the plain look; else nothing is loaded for it. The replies come without it, too. */
  async #dress(): Promise<void> {
    const look = this.setting('look') || this.setting('density');
    try {
      if (look || this.#worn) (this.#worn = await part(() => import('../../looks/looks.js'))).wear(this, look);
    } catch {}
  }

  protected override updated(): void {
    this.setAttribute('status', this.view.status);
    // What the loader reserved, or the page brought, goes in the frame in which the replies come, and never under a hand.
    if (this.view.phase.is !== 'loading') {
      Object.assign(this.style, NO_RESERVE);
      this.renderRoot.querySelector(GIVEN)?.remove();
    }
  }

  /** The order and the folded branches of this reader's last visits. */
  #recall(): void {
    try {
      const { sort, folded } = JSON.parse(localStorage['afterword:reading'] as string) as Remembered;
      if (sort) this.setAttribute('sort', sort);
      this.folded = new Set(folded);
    } catch {}
  }

  /** Draws all of it again; after a change of the view, what changed is drawn. */
  override requestUpdate(): void {
    this.kit?.renew();
    super.requestUpdate();
  }

  /** Looks again at what this page and these attributes ask for; an address or a title may have changed. */
  pageChanged(): void {
    void this.#speak();
    void this.#dress();
    if (this.#shown && this.#address() !== this.#shown) this.open();
  }

  /** The first page of replies, also where nobody is near: for paper, and for a page that has nothing else to do. */
  preload(): void {
    if (!this.#shown) this.open();
  }

  write(place: Place): void {
    this.place = place;
    this.requestUpdate();
  }

  #address(): string {
    return this.#context.settings.address(this);
  }

  #approach(isNear: boolean): void {
    this.#isNear = isNear;
    if (isNear) {
      // What was left out while it counted is known to nobody any more, once it has left.
      const isLost = !this.kit && this.view.apart;
      if (this.#address() !== this.#shown || isLost) this.open();
      else if (this.view.phase.is !== 'loading') void this.#startKit(this.view);
    }
    this.kit?.near(isNear);
  }

  /** In the page's language, unless told; whoever waits for it goes on in English after `ms`, and it comes when it comes. */
  #speak(ms = WORDS_MS): Promise<unknown> {
    const spoken = wordsFor(this.#context.language, this.setting('lang'), document.documentElement.lang).then(
      (words) => {
        this.words = words.with(this.kits?.words ?? {});
        this.requestUpdate();
      },
    );
    return Promise.race([spoken, new Promise((late) => setTimeout(late, ms))]);
  }

  /** Starts over with the thread that this page asks for. */
  open(): void {
    this.#dropKit();
    this.#shown = this.#address();
    const view = new ThreadState(this.setting('sort') as Sort);
    view.subscribe((change) => this.kit?.delays(change) || super.requestUpdate());
    this.view = view;
    this.place = { under: null };
    this.requestUpdate();
    void this.#load(view, this.#shown);
  }

  async #load(view: ThreadState, address: string): Promise<void> {
    const { early } = this.#context;
    const asked = early.get(address) ?? fetch(address).catch(() => null);
    early.delete(address);
    const answer = await asked;
    await this.#dressed;
    const data = (await answer?.json().catch(() => null)) as (Snapshot & Partial<ErrorBody>) | null;
    const select =
      this.renderRoot.querySelector(GIVEN) &&
      String(getSelection()) &&
      (await part(() => import('../selected.js')).catch(() => null))?.keepSelected(this.renderRoot as ShadowRoot);
    if (view !== this.view) return;
    if (data && answer!.ok) view.loaded(data);
    // A code: it is the server's own word, not that of something between.
    else if (data?.code && answer!.status < 429) view.change({ phase: { is: 'refused', error: data as ErrorBody } });
    else view.change({ phase: { is: 'broken' } });
    this.#arrived?.();
    await this.updateComplete;
    if (select) select();
    // After the frame that shows the replies.
    requestAnimationFrame(() =>
      // Who follows a link to a reply may be far from it.
      setTimeout(() => (this.#isNear || location.hash.startsWith('#reply-')) && void this.#startKit(view)),
    );
  }

  async #startKit(view: ThreadState): Promise<void> {
    this.kits = await this.#context.kits();
    this.words = this.words.with(this.kits.words);
    await this.#speak();
    if (view !== this.view || this.kit || !this.isConnected || view.phase.is === 'refused') return;
    this.kit = this.kits.start(this, this.#context.settings.key(this));
    this.requestUpdate();
  }

  #dropKit(): void {
    this.kit?.stop();
    this.kit = null;
  }
}
