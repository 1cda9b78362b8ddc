// Ways to a reply that is not on screen, and to a branch that is shown alone. Owns what is shown apart from the whole
// discussion and which reply is marked; the rows are the view's, the entries in the browser's history `trail.ts`.
import { html, nothing } from 'lit';
import { scrollerOf } from '../../controllers/layout.js';
import { buildTree, type Facts } from '../../state/tree.js';
import type { LiveThread, Node, Tree } from '../../state/types.js';
import type { Stage } from '../stage.js';
import { isPaged, join, nodeOf, whenLive } from './located.js';
import { dropReply, moveStep, pushStep, replyHere, stepHere } from './trail.js';

/** Replies above the one that is looked for that are shown with it. */
const ABOVE = 3;
/** Who waits longer than this is told so. */
const WAIT_MS = 300;

interface Branch {
  /** The reply that stands at the top. */
  top: string;
  /** Where the focus goes when all is shown again. */
  from: string;
  /** Where in the window the button stood by which it was entered. */
  at?: number | undefined;
  /** The one that it was entered from. */
  over?: Branch | null;
}

export class Places {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #say: (text: string) => void;
  #branch: Branch | null = null;
  /** By the reply at the top: those to which Forward may lead. */
  readonly #entered = new Map<string, Branch>();
  /** Rows that were found alone: no page of the whole discussion brought them. */
  #apart: ReadonlySet<string> = new Set();
  /** The reply that was looked for last: stays in sight as a tombstone too. */
  #sought = '';
  /** What is told of it in place of it. */
  #note: 'finding' | 'linkGone' | 'broken' | null = null;
  #marked: Element | null = null;
  /** From where a reader went to what it answers. */
  #left: { from: string; to: string } | null = null;
  /** The address at which the reader is back where they were. */
  #settled = '';
  #isLeaving = false;

  /** `over`: ends all listening. */
  constructor(stage: Stage, live: LiveThread, say: (text: string) => void, over: AbortController) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
    addEventListener('popstate', () => this.#travelled(), over);
    stage.renderRoot.addEventListener('click', (event) => this.#followed(event as MouseEvent), over);
  }

  /** How deep the reply at the top stands. */
  get depth(): number {
    return (this.#branch && this.#stage.view.get(this.#branch.top)?.depth) ?? 0;
  }

  /** Shows, marks and focuses this reply, wherever it is. False: there is no such reply, and that is told. */
  async goTo(id: string, from?: string): Promise<boolean> {
    const { view, folded } = this.#stage;
    if (from) this.#left = { from, to: id };
    for (let up = view.get(id)?.parent; up; up = view.get(up)?.parent) folded.delete(up);
    if (view.back.has(id)) view.reveal([id]);
    this.#sought = id;
    this.#note = null;
    if (await this.#mark(id)) return true;
    // All that it answers may be here, only too deep or in another branch.
    const isHere = view.get(id) && (this.#branch || isPaged(view, id));
    if (!isHere && !(await this.#find(id))) return false;
    // A tombstone that nobody answered is shown where it stood.
    if (!this.#branch && isPaged(view, id)) view.change({ shape: this.#shape });
    if (await this.#mark(id)) return true;
    this.#open({ top: this.#above(id), from: id });
    if (await this.#mark(id)) return true;
    await this.#tell('linkGone');
    return false;
  }

  async #find(id: string): Promise<boolean> {
    const wait = setTimeout(() => void this.#tell('finding'), WAIT_MS);
    await whenLive(this.#stage.view);
    const answer = await this.#live.read('thread:locate', { id, sort: this.#stage.view.sort });
    clearTimeout(wait);
    if (this.#sought !== id) return false;
    this.#note = null;
    if (answer.ok) {
      join(this.#stage.view, this.#live, id, answer.data);
      this.#apart = new Set([...this.#apart, ...answer.data.replies.map((reply) => reply.id)]);
      return true;
    }
    // Another discussion of the page may have it.
    if (document.querySelectorAll(this.#stage.localName).length > 1) return false;
    await this.#tell(answer.error.code === 'not_found' ? 'linkGone' : 'broken');
    return false;
  }

  /** In place of what was looked for, and said; what is final is gone to. */
  async #tell(note: 'finding' | 'linkGone' | 'broken'): Promise<void> {
    const stage = this.#stage;
    this.#note = note;
    this.#say(stage.words.say(note));
    stage.requestUpdate();
    if (note === 'finding') return;
    await stage.updateComplete;
    const place = stage.renderRoot.querySelector<HTMLElement>('.not-found');
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: 'center', behavior: 'instant' });
  }

  #above(id: string): string {
    const { view } = this.#stage;
    let top = id;
    for (let i = 0; i < ABOVE; i++) top = view.get(top)?.parent ?? top;
    return top;
  }

  /** Shows the branch of this reply alone, as a new entry of the browser's history. */
  async enter(id: string): Promise<void> {
    const at = this.#one(`[data-branch="${id}"]`)?.getBoundingClientRect().top;
    const branch = { top: id, from: id, at, over: this.#branch };
    this.#entered.set(id, branch);
    pushStep(id, id);
    this.#enter(branch);
    await this.#mark(id);
  }

  /** Whoever goes on wants to read on. */
  #enter(branch: Branch): void {
    const { view, kit } = this.#stage;
    const { top } = branch;
    this.#open(branch);
    const isBare = view.held?.levels.has(top) && ![...view.held.rows.values()].some(({ parent }) => parent === top);
    if (isBare) void whenLive(view).then(() => kit?.more(top));
  }

  #open(branch: Branch): void {
    this.#branch = branch;
    moveStep(branch.top);
    this.#stage.view.change({ shape: this.#shape });
  }

  /** Shows all replies again, with the focus where the branch begins. */
  async close(): Promise<boolean> {
    if (!this.#branch && !this.#note) return false;
    while (this.#branch?.over) this.#branch = this.#branch.over;
    const { steps } = stepHere() ?? {};
    this.#isLeaving = !!steps;
    if (steps) history.go(-steps);
    else dropReply();
    await this.#leave('center');
    return true;
  }

  /** To where the branch was entered. `block`: where else in the window that comes to stand; else it stays with the browser. */
  async #leave(block?: ScrollLogicalPosition): Promise<void> {
    const stage = this.#stage;
    const { top = '', from = '', at, over = null } = this.#branch ?? {};
    this.#branch = over;
    this.#note = null;
    stage.view.change({ shape: over ? this.#shape : buildTree });
    await stage.updateComplete;
    const button = this.#one(`[data-branch="${top}"]`);
    const place = button ?? this.#article(from) ?? this.#article(stage.view.get(top)?.root ?? '');
    const back = place ?? this.#one('article') ?? this.#one('h2')!;
    if (back.matches('h2')) back.tabIndex = -1;
    back.focus({ preventScroll: true });
    if (button && at !== undefined)
      scrollerOf(stage).scrollBy({ top: button.getBoundingClientRect().top - at, behavior: 'instant' });
    else if (block) back.scrollIntoView({ block, behavior: 'instant' });
  }

  /** Back or Forward was pressed, or a link within the page was followed. */
  #travelled(): void {
    const { top } = stepHere() ?? {};
    const branch = this.#branch;
    if (this.#isLeaving && !top) dropReply();
    this.#isLeaving = false;
    if (top === branch?.top) return;
    const isBack = branch && top === branch.over?.top && (branch.at !== undefined || !replyHere());
    this.#settled = isBack ? location.href : '';
    if (isBack) return void this.#leave();
    if (!top) this.#branch = null;
    this.#stage.view.change({ shape: top ? this.#shape : buildTree });
    void this.arrive();
  }

  /** The entry of a link that is followed within a branch shows that branch, too. */
  #followed(event: MouseEvent): void {
    const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#reply-"]');
    if (!link || !this.#branch || button || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    pushStep(this.#branch.top, link.hash.slice(7));
    this.#stage.kit?.arrive();
  }

  /** Shows what the address names, and the branch that the entry in the history shows alone. */
  async arrive(from = ''): Promise<void> {
    const { top } = stepHere() ?? {};
    const id = replyHere() || top;
    if (this.#settled === location.href) return this.#point(id ? this.#article(id) : null);
    this.#settled = '';
    this.#sought = top ?? id ?? '';
    if (top && top !== this.#branch?.top) {
      if (!this.#stage.view.get(top) && !(await this.#find(top))) return;
      this.#enter(this.#entered.get(top) ?? { top, from: top });
    }
    if (id) return void this.goTo(id, from);
    this.#note = null;
    this.#point(null);
    this.#stage.requestUpdate();
  }

  readonly #shape = (facts: Facts): Tree => {
    const { rows, paged } = facts.held;
    const known = [...(this.#branch ? this.#apart : [])].filter((id) => rows.has(id) && !paged.has(id));
    const tree = buildTree({
      ...facts,
      held: { ...facts.held, paged: new Set([...paged, ...known]) },
      kept: new Set(facts.kept).add(this.#sought),
    });
    if (!this.#branch) return tree;
    const top = nodeOf(tree.roots, this.#branch.top);
    // The discussion began anew, and without it.
    if (!top) queueMicrotask(() => this.#lost());
    return top ? { ...tree, roots: [top], more: undefined } : tree;
  };

  #lost(): void {
    moveStep(null);
    void this.close();
  }

  #one(selector: string): HTMLElement | null {
    return this.#stage.renderRoot.querySelector(selector);
  }

  #article(id: string): HTMLElement | null {
    return this.#one(`[id="${id}"]`);
  }

  async #mark(id: string): Promise<boolean> {
    this.#stage.requestUpdate();
    await this.#stage.updateComplete;
    const article = this.#article(id);
    if (!article) return false;
    this.#point(article);
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: article.offsetHeight > innerHeight / 2 ? 'start' : 'center', behavior: 'instant' });
    if (article.classList.contains('removed')) this.#say(this.#stage.words.say('removed'));
    return true;
  }

  #point(article: Element | null): void {
    this.#marked?.removeAttribute('aria-current');
    this.#marked = article;
    article?.setAttribute('aria-current', 'true');
  }

  /** Above the list. */
  bar(): unknown {
    const { words } = this.#stage;
    const all = html`<button part="button" class="quiet" @click=${() => void this.close()}>
      ${words.say('allReplies')}
    </button>`;
    const again = html`<button part="button" class="quiet" @click=${() => void this.goTo(this.#sought)}>
      ${words.say('tryAgain')}
    </button>`;
    if (this.#note) {
      const ways = { finding: nothing, linkGone: all, broken: again };
      return html`<p class="note not-found" part="note" tabindex="-1">${words.say(this.#note)} ${ways[this.#note]}</p>`;
    }
    return this.#branch ? html`<p class="branch-bar" part="branch-bar">${all}</p>` : nothing;
  }

  /** At the reply to which a reader went from its answer: the way back. */
  back({ reply }: Node): unknown {
    const left = this.#left;
    if (left?.to !== reply.id) return nothing;
    return html`<button part="button" @click=${() => this.#return(left.from)}>
      ${this.#stage.words.say('backToAnswer')}
    </button>`;
  }

  #return(id: string): void {
    this.#left = null;
    void this.goTo(id);
  }
}
