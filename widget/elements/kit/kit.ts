// The second download: what makes a list of replies a live discussion that one can write in. Joins the live thread, the
// controllers and the templates to one discussion element. Owns no rule of its own.
import { html, nothing, type ReactiveController } from 'lit';
import { once } from '../../once.js';
import { keyed } from '../keyed.js';
import { TITLE_MAX, URL_MAX } from '../../../shared/limits.js';
import type { Reply, ThreadMode } from '../../../shared/views.js';
import { Anchor } from '../../controllers/anchor.js';
import { Arrivals } from '../../controllers/arrivals.js';
import { PageWatch } from '../../controllers/page-watch.js';
import { WRITING } from '../../i18n/en-writing.js';
import { hourOf, momentOf } from '../../i18n/clock.js';
import { startLive } from '../../live.js';
import { Connections } from '../../net/connection.js';
import { Prefs } from '../../state/prefs.js';
import type { Change } from '../../state/thread.js';
import type { LiveThread, Node } from '../../state/types.js';
import { Theme } from '../../theme/theme.js';
import { Composer } from '../composer/composer.element.js';
import { sheet } from '../sheet.js';
import type { Kit, Kits, Stage, WritingHelp } from '../stage.js';
import { Actions } from './actions.js';
import { isSame, isWhole, sizeOf, sum } from './branch.js';
import type { Tools } from '../tools/tools.js';
import { savesData } from './saving.js';
import styles from './kit.css?inline';

/** Relative times are told anew this often: the smallest unit that is shown is a minute. */
const TICK_MS = 30_000;
/** Somebody may look again after a long time. */
const LOOKING = ['focus', 'pageshow', 'online'];
/** Levels of answers that are indented, in a wide and in a narrow discussion. */
const LEVELS = 8;
const NARROW_LEVELS = 4;
const NARROW_PX = 640;
/** Down to here the indentation shows whom a reply answers. */
const SHOWN_LEVELS = 3;
/** Fewer readers than this are not counted in words: who knows one of them would know too much. */
const READERS_MIN = 3;
/** More unseen arrivals than these may become a stream: what that needs is loaded. */
const FEW = 9;
/** One key a step: see tools/keys.ts. */
const KEYS = /^[?jknprcufsq]$/;

/** `version`: of the widget, for the server's log. */
export function createKits(version: string): Kits {
  const connections = new Connections({ widget: version });
  const prefs = new Prefs(connections.keep, window);
  const extra = sheet(styles);
  customElements.define(Composer.tag, Composer);
  return {
    words: WRITING,
    refusal(stage, error) {
      if (!stage.written) void writingOf(stage)();
      return stage.written?.refusal(error) ?? stage.words.say('broken');
    },
    start(stage, key) {
      const root = stage.renderRoot as ShadowRoot;
      if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
      const url = location.href.replace(/#.*/s, '');
      const live = startLive({
        server: stage.setting('server'),
        site: stage.setting('site'),
        key,
        url: url.length <= URL_MAX ? url : undefined,
        title: stage.subject.slice(0, TITLE_MAX),
        state: stage.view,
        connections,
      });
      return new LiveKit(stage, live, prefs);
    },
  };
}

class LiveKit implements Kit, ReactiveController {
  readonly prefs: Prefs;
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #arrivals: Arrivals;
  readonly #actions: Actions;
  readonly #controllers: readonly ReactiveController[];
  readonly #tick: ReturnType<typeof setInterval>;
  readonly #unlisten: () => void;
  readonly #visible = (): void => {
    this.#live.setVisible(this.#isNear && !document.hidden);
    this.#tell();
  };
  /** Times are told anew, after a night asleep as well: at once when somebody looks again, and not while nobody does. */
  readonly #tell = (): void => void (document.hidden || this.#stage.requestUpdate());
  #isNear = true;
  /** Ends all listening: it is given as the options, of which only its signal is read. */
  readonly #over = new AbortController();
  #loaded: Tools | undefined;
  /** The answer from which its reader goes to what it answers. */
  #from = '';
  #isNarrow = false;
  #hidden = 0;
  /** What is not loaded whole is drawn: its buttons say something else. */
  #isRecount = false;
  /** Something changed that is in no reply: all are drawn. */
  #isNew = true;
  #mode: ThreadMode | undefined;
  /** The line was gone, and has not been level since. */
  #isBehind = false;
  readonly #hash = (): void => {
    const isShown = (history.state as { afterword?: unknown } | null)?.afterword;
    if (this.#loaded || isShown || location.hash.startsWith('#reply-')) this.arrive();
  };
  readonly paging = new Map<string | null, 'moreLoading' | 'moreFailed' | undefined>();

  constructor(stage: Stage, live: LiveThread, prefs: Prefs) {
    this.prefs = prefs;
    this.#stage = stage;
    this.#live = live;
    this.#arrivals = new Arrivals(stage);
    this.writing = writingOf(stage);
    this.#actions = new Actions(stage, live, this.#over);
    this.#controllers = [this, this.#arrivals, new Anchor(stage), new Theme(stage), new PageWatch(stage)];
    for (const controller of this.#controllers) stage.addController(controller);
    this.#tick = setInterval(this.#tell, TICK_MS);
    for (const sign of LOOKING) addEventListener(sign, this.#tell, this.#over);
    this.#unlisten = prefs.on(() => this.#paced());
    document.addEventListener('visibilitychange', this.#visible, this.#over);
    addEventListener('hashchange', this.#hash, this.#over);
    this.#hash();
    this.#paced();
    stage.renderRoot.addEventListener('keydown', (event) => this.#pressed(event as KeyboardEvent), this.#over);
  }

  hostUpdated(): void {
    this.#isNew = this.#isRecount = false;
  }

  status(): unknown {
    const { view, words } = this.#stage;
    const { status } = view;
    const isSaving = savesData(this.prefs);
    this.#live.setLane(this.#loaded?.digest.isCounting ? 'digest' : isSaving ? 'slow' : undefined);
    this.#stage.renderRoot.querySelector('#root')!.toggleAttribute('data-still', isSaving);
    const live = this.#live.isSlow ? 'liveSlow' : isSaving ? 'liveSaving' : 'live';
    const said = status === 'live' ? live : status === 'catching-up' ? 'catchingUp' : status;
    const time = hourOf(words.times, view.offlineSince ?? Date.now());
    const text = words.say(said, { time }) + this.#readers();
    return html`<div class="side">
      ${keyed([text], String, () => html`<span class="status ${status}" part="status"><i></i>${text}</span>`)}
      ${this.#actions.next()}
      <button
        class="settings"
        part="settings"
        aria-label=${words.say('settings')}
        @click=${() => this.#use((tools) => tools.menu())}
      ></button>
    </div>`;
  }

  delays(change: Change): unknown {
    const { thread, status } = this.#stage.view;
    const mode = thread?.state;
    // What could not be had without a line: the words, a look.
    if (status === 'live' && this.#isBehind) this.#stage.pageChanged();
    this.#isBehind = status === 'offline' || (this.#isBehind && status !== 'live');
    if ('you' in change || 'rules' in change || mode !== this.#mode) this.#isNew = true;
    this.#mode = mode;
    return change.held && this.#loaded?.digest.delays();
  }

  renew(): void {
    this.#isNew = true;
  }

  isDrawn(node: Node, drawn?: Node): boolean {
    return !this.#isNew && isSame(node, drawn) && (!this.#isRecount || isWhole(node));
  }

  isStream(arrived: number): boolean {
    if (this.#stage.view.fresh.size > FEW) void this.tools();
    return this.#loaded?.digest.add(arrived) ?? false;
  }

  /** How many read, behind the status and where that names nobody; nothing for who is alone. */
  #readers(): string {
    const { words, view } = this.#stage;
    const { readers } = this.#live.presence;
    const isTold = view.status === 'live' && this.prefs.get('presence') !== false;
    if (!isTold || readers < 2) return '';
    return ` · ${words.say(readers < READERS_MIN ? 'fewReaders' : 'readers', { n: readers })}`;
  }

  arrivals(): unknown {
    const { view, words, kits } = this.#stage;
    const { count: rest = 0, changes = 0 } = this.#live.feed.rest ?? {};
    const waiting = view.tree().held.length;
    const n = waiting + (changes || rest);
    const text = words.say(changes ? 'paused' : 'arrivals', { n });
    const press = (): unknown =>
      waiting && !changes ? this.#arrivals.show() : this.#use(({ digest }) => digest.show(changes));
    // Who is refused while reading: nothing comes any more.
    const refused = view.phase.is === 'refused' && view.held && kits!.refusal(this.#stage, view.phase.error);
    return html`<div class="arrivals" part="arrivals">
        ${refused ? html`<p class="skip" part="note" role="alert">${refused}</p>` : n ? html`<button part="arrivals-button" @click=${press}>${fixed(text)}</button>` : nothing}
      </div>
      ${this.#actions.writers()}`;
  }

  composer(under: string | null): unknown {
    const { place, words, view, renderRoot } = this.#stage;
    const isHere = 'under' in place && place.under === under;
    if (under && !isHere) return nothing;
    // Who was writing when the discussion was closed keeps the text and the focus.
    const isKept = (): unknown =>
      this.#live.drafts.get(null) || (isHere && renderRoot.querySelector('form:focus-within'));
    if (!under && view.thread?.state === 'closed' && !isKept()) return nothing;
    if (isHere) return this.#write(place);
    return html`<button part="button" class="quiet" @click=${() => this.#stage.write({ under, focus: true })}>
      ${words.say('leaveReply')}
    </button>`;
  }

  editor({ reply }: Node): unknown {
    const { place } = this.#stage;
    return 'edit' in place && place.edit === reply.id ? this.#write({ edit: reply.id }) : null;
  }

  moment(time: number): string {
    return momentOf(this.#stage.words.times, time);
  }

  answered(reply: Reply): unknown {
    const { view, words } = this.#stage;
    const { id, parent, depth } = reply;
    const above = parent && view.get(parent);
    const mark = this.#loaded?.visits.mark(reply);
    if (!above) return mark;
    const { name } = above.author;
    const whole = name ? words.say('replyingTo', { name }) : words.say('removed');
    // Where the indentation shows it, a sign is enough.
    return html`${mark}<a
        class="soft"
        part="parent"
        href="#reply-${parent}"
        aria-label=${whole}
        @click=${() => (this.#from = id)}
        >${depth > SHOWN_LEVELS ? whole : words.dir === 'rtl' ? '↱' : '↰'}</a
      >`;
  }

  top(): unknown {
    // Once for each render: the next one looks again.
    const { view, words, offsetWidth } = this.#stage;
    const isNarrow = offsetWidth < NARROW_PX;
    const { hidden } = view.tree();
    this.#isNew ||= isNarrow !== this.#isNarrow;
    this.#isRecount ||= hidden !== this.#hidden;
    this.#isNarrow = isNarrow;
    this.#hidden = hidden;
    const press = (key: string) => (): unknown => this.#use(({ keys }) => keys.press(key));
    const isBelow = view.sort === 'oldest' && view.thread?.state === 'open';
    const skip = html`<p class="unseen skip">
      ${isBelow ? html`<button part="button" @click=${press('c')}>${words.say('skip')}</button>` : nothing}
      <button part="button" @click=${press('?')}>${words.say('keys')} <kbd part="key">?</kbd></button>
    </p>`;
    return html`${view.count ? skip : nothing} ${this.#loaded?.visits.bar()} ${this.#loaded?.places.bar()}`;
  }

  beyond(node: Node): unknown {
    const { id, depth } = node.reply;
    const level = depth - (this.#loaded?.places.depth ?? 0);
    if (level < (this.#isNarrow ? NARROW_LEVELS : LEVELS) - 1) return null;
    const enter = (): void => this.#use(({ places }) => places.enter(id));
    const { words } = this.#stage;
    const n = this.#inside(node);
    return html`<button part="more" class="more" data-branch=${id} @click=${enter}>
      ${words.say('goOn')}${n < Infinity ? words.fill(' ({n})', { n }) : ''}
    </button>`;
  }

  /** Replies below this one; Infinity: nobody knows. */
  #inside(node: Node): number {
    return sizeOf(node) + (isWhole(node) ? 0 : this.#hidden);
  }

  arrive(): void {
    const from = this.#from;
    this.#from = '';
    this.#use(({ places }) => places.arrive(from));
  }

  fold(node: Node): unknown {
    const { folded, words } = this.#stage;
    const { id, author } = node.reply;
    const isFolded = folded.has(id);
    const n = this.#inside(node);
    const news = isFolded && sum(node, ({ fresh }) => Number(fresh));
    return html`<button
      class=${isFolded ? 'unfold' : 'fold'}
      part="fold"
      aria-expanded=${!isFolded}
      aria-label=${isFolded ? nothing : words.say('fold', { name: author.name || '…' })}
      @click=${() => this.#fold(id, !isFolded)}
    >
      ${isFolded ? [words.say('unfold', { n: n < Infinity ? n : words.fill('{n}+', { n: sizeOf(node) }) }), news ? ` · ${words.say('arrived', { n: news })}` : ''] : ''}
    </button>`;
  }

  actions(node: Node): unknown {
    return html`${this.#actions.line(node)} ${this.#loaded?.line(node)}`;
  }

  edited(reply: Reply): unknown {
    return this.#actions.edited(reply);
  }

  near(isNear: boolean): void {
    this.#isNear = isNear;
    this.#visible();
  }

  stop(): void {
    clearInterval(this.#tick);
    this.#unlisten();
    this.#over.abort();
    for (const controller of this.#controllers) {
      this.#stage.removeController(controller);
      controller.hostDisconnected?.();
    }
    this.#actions.stop();
    this.#live.stop();
  }

  /** The third download, when something of it is used. */
  readonly tools = once(
    () => import('../tools/tools.js'),
    ({ Tools: Loaded }) =>
      (this.#loaded = new Loaded(this.#stage, this.#live, (text) => this.#actions.say(text), this.#over)),
  );

  /** Comes when the composer is touched, with the words for what can go wrong. */
  readonly writing: () => Promise<WritingHelp | undefined>;

  #use(act: (tools: Tools) => unknown): void {
    void this.tools().then((tools) => (tools ? act(tools) : this.#actions.say(this.#stage.words.say('moreFailed'))));
  }

  #paced(): void {
    const { pace } = this.#arrivals;
    this.#live.feed.setPaused(pace === 'pause');
    if (pace === 'follow' || pace === 'pause' || this.#loaded)
      this.#use((tools) => tools.follow(pace === 'follow', this.#arrivals));
    this.#stage.requestUpdate();
  }

  /** Keys mean nothing but themselves where something is being written. */
  #pressed(event: KeyboardEvent): void {
    const isWriting = (event.target as Element).matches('input, textarea, select');
    if (!isWriting && event.key === 'Escape') void this.#loaded?.places.close();
    if (isWriting || !KEYS.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#use(({ keys }) => keys.press(event.key));
  }

  #write(place: Stage['place']): unknown {
    return html`<afterword-composer
      .stage=${this.#stage}
      .live=${this.#live}
      .place=${place}
      .say=${(text: string) => this.#actions.say(text)}
    ></afterword-composer>`;
  }

  /** The branch's reply stays in sight: its handle may reach far below it. */
  async #fold(id: string, fold: boolean): Promise<void> {
    const stage = this.#stage;
    if (fold) stage.folded.add(id);
    else stage.folded.delete(id);
    void this.tools().then((tools) => tools?.remember.folded());
    stage.requestUpdate();
    await stage.updateComplete;
    if (fold)
      (stage.renderRoot as ShadowRoot).getElementById(id)?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  /** Who pressed the button goes on at the first reply that it brought; where it failed it stays, and says so. */
  async more(parent: string | null): Promise<void> {
    const stage = this.#stage;
    const root = stage.renderRoot as ShadowRoot;
    const articles = (): Set<HTMLElement> => new Set(root.querySelectorAll('article'));
    const known = articles();
    const pressed = root.activeElement;
    const show = (way?: 'moreLoading' | 'moreFailed'): Promise<boolean> => {
      this.paging.set(parent, way);
      this.#isRecount = true;
      stage.view.change({});
      return stage.updateComplete;
    };
    void show('moreLoading');
    const { ok } = (await this.#loaded?.digest.more(parent)) ?? (await this.#live.more(parent));
    await show(ok ? undefined : 'moreFailed');
    if (!ok) this.#actions.say(stage.words.say('moreFailed'));
    else if ((root.activeElement ?? pressed) === pressed)
      [...articles().difference(known)][0]?.focus({ preventScroll: true });
  }
}

const writingOf = (stage: Stage): (() => Promise<WritingHelp | undefined>) =>
  once(
    () => import('../writing/writing.js'),
    ({ Writing }) => (stage.written ??= new Writing(stage)),
  );

/** Words of another length would move in their box: new ones take their place instead. */
const fixed = (text: string): unknown => keyed([text], String, () => html`<span>${text}</span>`);
