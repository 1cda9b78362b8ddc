// The second download: what makes a list of replies a live discussion that one can write in. Joins the live thread, the
// controllers and the templates to one discussion element. Owns no rule of its own.
import { html, nothing, type ReactiveController } from 'lit';
import { keyed } from '../keyed.js';
import { TITLE_MAX, URL_MAX } from '../../../shared/limits.js';
import type { Reply } from '../../../shared/views.js';
import { Anchor } from '../../controllers/anchor.js';
import { Announcer } from '../../controllers/announcer.js';
import { Arrivals } from '../../controllers/arrivals.js';
import { PageWatch } from '../../controllers/page-watch.js';
import { WRITING } from '../../i18n/en-writing.js';
import { Clock } from '../../i18n/clock.js';
import { startLive } from '../../live.js';
import { Connections } from '../../net/connection.js';
import { Prefs } from '../../state/prefs.js';
import type { LiveThread, Node } from '../../state/types.js';
import { Theme } from '../../theme/theme.js';
import { Composer } from '../composer/composer.element.js';
import { sheet } from '../sheet.js';
import type { Kit, Kits, Stage } from '../stage.js';
import { Actions } from './actions.js';
import type { Tools } from '../tools/tools.js';
import { savesData } from './saving.js';
import type { Writing } from '../writing/writing.js';
import styles from './kit.css?inline';

/** Relative times are told anew this often: the smallest unit that is shown is a minute. */
const TICK_MS = 30_000;
/** Somebody may look again after a long time. */
const LOOKING = ['focus', 'pageshow', 'online'];
/** Levels of answers that are indented, in a wide and in a narrow discussion. */
const LEVELS = 8;
const NARROW_LEVELS = 4;
const NARROW_PX = 480;

/** `version`: of the widget, for the server's log. */
export function createKits(version: string): Kits {
  const connections = new Connections({ widget: version });
  const prefs = new Prefs(connections.keep, window);
  const extra = sheet(styles);
  customElements.define(Composer.tag, Composer);
  return {
    words: WRITING,
    refusal(stage, { code, field = '' }) {
      // The words come with the writing.
      if (!stage.words.say('error.internal'))
        void import('../writing/writing.js').then(
          ({ Writing }) => (new Writing(stage), stage.requestUpdate()),
          () => {},
        );
      const values = { site: stage.setting('site'), origin: location.origin, field };
      return stage.words.say(code === 'invalid' ? 'wrongSetting' : `error.${code}`, values);
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

class LiveKit implements Kit {
  readonly prefs: Prefs;
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #announcer: Announcer;
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
  #told: { lang: string; clock: Clock } | null = null;
  #tools: Promise<Tools> | null = null;
  #loaded: Tools | null = null;
  /** The answer from which its reader goes to what it answers. */
  #from = '';
  #isNarrow = false;
  readonly #hash = (): void => {
    const [, id] = /^#reply-([\da-f-]{36})$/.exec(location.hash) ?? [];
    if (id) void this.goTo(id);
  };
  #writing: Promise<Writing> | null = null;
  readonly #key = (event: KeyboardEvent): void => this.#pressed(event);

  constructor(stage: Stage, live: LiveThread, prefs: Prefs) {
    this.prefs = prefs;
    this.#stage = stage;
    this.#live = live;
    this.#announcer = new Announcer(stage);
    this.#arrivals = new Arrivals(stage);
    this.#actions = new Actions(stage, live, (text) => this.#announcer.say(text));
    this.#controllers = [this.#announcer, this.#arrivals, new Anchor(stage), new Theme(stage), new PageWatch(stage)];
    for (const controller of this.#controllers) stage.addController(controller);
    this.#tick = setInterval(this.#tell, TICK_MS);
    for (const sign of LOOKING) addEventListener(sign, this.#tell);
    this.#unlisten = prefs.on(() => stage.requestUpdate());
    document.addEventListener('visibilitychange', this.#visible);
    addEventListener('hashchange', this.#hash);
    this.#hash();
    stage.renderRoot.addEventListener('keydown', this.#key as EventListener);
  }

  status(): unknown {
    const { view, words } = this.#stage;
    const { status } = view;
    const isSaving = savesData(this.prefs);
    this.#live.setSaving(isSaving);
    const said = {
      live: words.say(this.#live.isSlow ? 'liveSlow' : isSaving ? 'liveSaving' : 'live'),
      connecting: words.say('connecting'),
      'catching-up': words.say('catchingUp'),
      offline: words.say('offline', { time: this.#clock().time(view.offlineSince ?? Date.now()) }),
    };
    // Words of another length would move in their box: new ones take their place instead.
    return keyed(
      [said[status]],
      String,
      (text) => html`<span class="status ${status} ${isSaving ? 'still' : ''}" part="status"><i></i>${text}</span>`,
    );
  }

  arrivals(): unknown {
    const { view, words } = this.#stage;
    const n = view.tree().held.length;
    return html`<div class="arrivals" part="arrivals">
      ${n ? html`<button @click=${() => this.#arrivals.show()}>${words.say('arrivals', { n })}</button>` : nothing}
    </div>`;
  }

  composer(under: string | null): unknown {
    const { place, words } = this.#stage;
    if ('under' in place && place.under === under) return this.#write(place);
    if (under !== null) return nothing;
    return html`<button class="quiet" @click=${() => this.#stage.write({ under, focus: true })}>
      ${words.say('leaveReply')}
    </button>`;
  }

  editor({ reply }: Node): unknown {
    const { place } = this.#stage;
    return 'edit' in place && place.edit === reply.id ? this.#write({ edit: reply.id }) : null;
  }

  moment(time: number): string {
    return this.#clock().moment(time);
  }

  answered({ id, parent }: Reply): unknown {
    const { view, words } = this.#stage;
    const above = parent && view.get(parent);
    if (!above) return nothing;
    return html`<a class="soft" href="#reply-${parent}" @click=${() => (this.#from = id)}
      >${words.say('replyingTo', { name: above.author.name })}</a
    >`;
  }

  top(): unknown {
    // Once for each render: the next one looks again.
    this.#isNarrow = this.#stage.offsetWidth < NARROW_PX;
    return this.#loaded?.places.bar();
  }

  beyond(node: Node): unknown {
    const { id, depth } = node.reply;
    const level = depth - (this.#loaded?.places.depth ?? 0);
    if (level < (this.#isNarrow ? NARROW_LEVELS : LEVELS) - 1) return null;
    const enter = (): void => void this.tools().then(({ places }) => places.enter(id));
    return html`<button class="more" data-branch=${id} @click=${enter}>
      ${this.#stage.words.say('continueBranch', { n: sizeOf(node) })}
    </button>`;
  }

  async goTo(id: string): Promise<boolean> {
    const from = this.#from;
    this.#from = '';
    return (await this.tools()).places.goTo(id, from);
  }

  fold(node: Node): unknown {
    const { folded, words } = this.#stage;
    const { id, author } = node.reply;
    const isFolded = folded.has(id);
    const news = isFolded && freshIn(node);
    return html`<button
      class=${isFolded ? 'unfold' : 'fold'}
      part="fold"
      aria-expanded=${!isFolded}
      aria-label=${isFolded ? nothing : words.say('fold', { name: author.name })}
      @click=${() => this.#fold(id, !isFolded)}
    >
      ${isFolded ? words.say('unfold', { n: sizeOf(node) }) : nothing}${news ? ` · ${words.say('arrived', { n: news })}` : nothing}
    </button>`;
  }

  actions(node: Node): unknown {
    return html`${this.#actions.line(node)} ${this.#loaded?.places.back(node)}`;
  }

  more(parent: string | null): void {
    void this.#more(parent);
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
    for (const sign of LOOKING) removeEventListener(sign, this.#tell);
    document.removeEventListener('visibilitychange', this.#visible);
    removeEventListener('hashchange', this.#hash);
    this.#stage.renderRoot.removeEventListener('keydown', this.#key as EventListener);
    for (const controller of this.#controllers) {
      this.#stage.removeController(controller);
      controller.hostDisconnected?.();
    }
    this.#actions.stop();
    this.#announcer.remove();
    this.#live.stop();
  }

  /** The third download, when something of it is used; asked for again where it could not be had. */
  tools(): Promise<Tools> {
    this.#tools ??= import('../tools/tools.js').then(
      ({ Tools }) => (this.#loaded = new Tools(this.#stage, this.#live, (text) => this.#announcer.say(text))),
      (error: unknown) => {
        this.#tools = null;
        throw error;
      },
    );
    return this.#tools;
  }

  /** Comes when the composer is touched, with the words for what can go wrong. */
  writing(): Promise<Writing> {
    this.#writing ??= import('../writing/writing.js').then(
      ({ Writing }) => new Writing(this.#stage),
      (error: unknown) => {
        this.#writing = null;
        throw error;
      },
    );
    return this.#writing;
  }

  /** Keys mean nothing but themselves where something is being written. */
  #pressed(event: KeyboardEvent): void {
    const isWriting = (event.target as Element).matches('input, textarea, select');
    if (!isWriting && event.key === 'Escape') void this.#loaded?.places.close();
    if (isWriting || event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    void this.tools().then(({ help }) => help.toggle());
  }

  /** In the language that is spoken now; making one is slow, so it is kept. */
  #clock(): Clock {
    const { lang } = this.#stage.words;
    if (this.#told?.lang !== lang) this.#told = { lang, clock: new Clock(lang) };
    return this.#told.clock;
  }

  #write(place: Stage['place']): unknown {
    return html`<afterword-composer
      .stage=${this.#stage}
      .live=${this.#live}
      .place=${place}
      .say=${(text: string) => this.#announcer.say(text)}
    ></afterword-composer>`;
  }

  /** The branch's reply stays in sight: its handle may reach far below it. */
  async #fold(id: string, fold: boolean): Promise<void> {
    const stage = this.#stage;
    if (fold) stage.folded.add(id);
    else stage.folded.delete(id);
    void this.tools().then(
      ({ remember }) => remember.folded(),
      () => {},
    );
    stage.requestUpdate();
    await stage.updateComplete;
    if (fold) stage.renderRoot.querySelector(`[id="${id}"]`)?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  /** The button may be gone afterwards: who pressed it goes on at the first reply that it brought. */
  async #more(parent: string | null): Promise<void> {
    const root = this.#stage.renderRoot as ShadowRoot;
    const known = new Set(Array.from(root.querySelectorAll('article'), ({ id }) => id));
    const answer = await this.#live.more(parent);
    await this.#stage.updateComplete;
    if (!answer.ok) return this.#announcer.say(this.#stage.words.say(`error.${answer.error.code}`));
    if (root.activeElement) return;
    const next = Array.from(root.querySelectorAll('article')).find(({ id }) => !known.has(id));
    next?.focus({ preventScroll: true });
  }
}

/** Replies below this one, those included that are not loaded. */
function sizeOf({ children, more }: Node): number {
  return children.reduce((sum, child) => sum + 1 + sizeOf(child), more?.count ?? 0);
}

function freshIn({ children }: Node): number {
  return children.reduce((sum, child) => sum + Number(child.fresh) + freshIn(child), 0);
}
