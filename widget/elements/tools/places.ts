// Ways to a reply that is not on screen, and to a branch that is shown alone. Owns what is shown apart from the whole
// discussion and which reply is marked; the rows are the view's.
import { html, nothing } from 'lit';
import { ROOTS } from '../../../shared/held.js';
import { LOCATE_LEFT_MAX } from '../../../shared/limits.js';
import type { Located } from '../../../shared/protocol.js';
import { buildTree, type Facts } from '../../state/tree.js';
import type { LiveThread, Node, Tree } from '../../state/types.js';
import type { Stage } from '../stage.js';

/** Replies above the one that is looked for that are shown with it. */
const ABOVE = 3;
/** Who waits longer than this is told so. */
const WAIT_MS = 300;

interface Branch {
  /** The reply that stands at the top. */
  top: string;
  /** Where the focus goes when all is shown again. */
  from: string;
}

export class Places {
  readonly #stage: Stage;
  readonly #live: LiveThread;
  readonly #say: (text: string) => void;
  #branch: Branch | null = null;
  /** Rows that were found alone: no page of the whole discussion brought them. */
  #apart: ReadonlySet<string> = new Set();
  /** The reply that was looked for last: stays in sight as a tombstone too. */
  #sought = '';
  /** What is told of it in place of it. */
  #note: 'finding' | 'linkGone' | 'broken' | null = null;
  #marked: Element | null = null;
  /** From where a reader went to what it answers. */
  #left: { from: string; to: string } | null = null;

  constructor(stage: Stage, live: LiveThread, say: (text: string) => void) {
    this.#stage = stage;
    this.#live = live;
    this.#say = say;
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
    const isHere = view.get(id) && (this.#branch || this.#isPaged(id));
    if (!isHere && !(await this.#find(id))) return false;
    // A tombstone that nobody answered is shown where it stood.
    if (!this.#branch && this.#isPaged(id)) view.change({ shape: this.#shape });
    if (await this.#mark(id)) return true;
    this.#open(this.#above(id), id);
    if (await this.#mark(id)) return true;
    await this.#tell('linkGone');
    return false;
  }

  #isPaged(id: string | null): boolean {
    const { held } = this.#stage.view;
    for (let up = id; up; up = held?.rows.get(up)?.parent ?? null) if (!held?.paged.has(up)) return false;
    return true;
  }

  async #find(id: string): Promise<boolean> {
    const wait = setTimeout(() => void this.#tell('finding'), WAIT_MS);
    await whenLive(this.#stage.view);
    const answer = await this.#live.read('thread:locate', { id, sort: this.#stage.view.sort });
    clearTimeout(wait);
    if (this.#sought !== id) return false;
    this.#note = null;
    if (answer.ok) {
      this.#join(id, answer.data);
      this.#apart = new Set([...this.#apart, ...answer.data.replies.map((reply) => reply.id)]);
      return true;
    }
    // Another discussion of the page may have it.
    if (document.querySelectorAll(this.#stage.localName).length > 1) return false;
    await this.#tell(answer.error.code === 'not_found' ? 'linkGone' : 'broken');
    return false;
  }

  /**
   * What was found goes on where the loaded part of its list ends: then it belongs to that. The best first, votes may have
   * moved others meanwhile, which only the list's own pages know.
   */
  #join(id: string, { replies, more }: Located): void {
    const { held, sort } = this.#stage.view;
    const { parent, depth } = replies.find((reply) => reply.id === id)!;
    const level = held?.levels.get(parent ?? ROOTS);
    const near = replies.filter((reply) => reply.depth >= depth);
    const isNext = held?.paged.has(near[0]!.id) && this.#isPaged(parent);
    if (!level || !isNext || sort === 'best' || more?.count === LOCATE_LEFT_MAX) return;
    this.#live.feed.page(parent, level, { replies: near, more });
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

  /** Shows the branch of this reply alone. */
  async enter(id: string): Promise<void> {
    this.#open(id, id);
    // Whoever goes on wants to read on.
    const { held } = this.#stage.view;
    const isBare = held?.levels.has(id) && ![...held.rows.values()].some(({ parent }) => parent === id);
    if (isBare) this.#stage.kit?.more(id);
    await this.#mark(id);
  }

  #open(top: string, from: string): void {
    this.#branch = { top, from };
    this.#stage.view.change({ shape: this.#shape });
  }

  /** Shows all replies again, with the focus where the branch begins. */
  async close(): Promise<boolean> {
    const { view } = this.#stage;
    const branch = this.#branch;
    if (!branch && !this.#note) return false;
    this.#branch = this.#note = null;
    view.change({ shape: buildTree });
    if (location.hash.startsWith('#reply-'))
      history.replaceState(history.state, '', location.pathname + location.search);
    await this.#stage.updateComplete;
    const { top = '', from = '' } = branch ?? {};
    const goOn = this.#one(`[data-branch="${top}"]`) ?? this.#article(from) ?? this.#article(view.get(top)?.root ?? '');
    const back = goOn ?? this.#one('article') ?? this.#one('h2');
    if (back?.matches('h2')) back.tabIndex = -1;
    back?.focus({ preventScroll: true });
    back?.scrollIntoView({ block: 'center', behavior: 'instant' });
    return true;
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
    if (!top) queueMicrotask(() => void this.close());
    return top ? { roots: [top], held: tree.held } : tree;
  };

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
    this.#marked?.removeAttribute('aria-current');
    this.#marked = article;
    article.setAttribute('aria-current', 'true');
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: article.offsetHeight > innerHeight / 2 ? 'start' : 'center', behavior: 'instant' });
    if (article.classList.contains('removed')) this.#say(this.#stage.words.say('removed'));
    return true;
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

/** A page that is opened at a reply asks before its line is up. */
function whenLive(view: Stage['view']): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (view.status !== 'live') return;
      unlisten();
      resolve();
    };
    const unlisten = view.subscribe(look);
    look();
  });
}

function nodeOf(nodes: readonly Node[], id: string | undefined): Node | undefined {
  for (const node of nodes) {
    const found = node.reply.id === id ? node : nodeOf(node.children, id);
    if (found) return found;
  }
  return undefined;
}
