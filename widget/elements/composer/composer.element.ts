// Where one writes: a new reply, or a change of an own one. Owns the form and its draft; sending is the live thread's.
// Stands in the discussion's shadow root without one of its own, so that labels, focus and styles are of one piece.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { BODY_MAX, NAME_MAX } from '../../../shared/limits.js';
import type { LiveThread } from '../../state/types.js';
import type { Place, Stage } from '../stage.js';

/**
 * Made by the discussion, inside it; of no use to a page.
 *
 * @tag afterword-composer
 */
export class Composer extends LitElement {
  static readonly tag = 'afterword-composer';

  declare stage: Stage;
  declare live: LiveThread;
  declare place: Place;
  /** Tells those who don't see the page. */
  declare say: (text: string) => void;
  #body = '';
  #isOpen = false;
  #isBusy = false;
  #problem = '';
  /** Words, status and identity come with the discussion's renders. */
  readonly #follow = { hostUpdated: (): void => this.requestUpdate() };

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stage.addController(this.#follow);
    if (this.#edited) void this.#fetchSource();
    else if (!this.#body) this.#body = this.live.draft(this.#under);
    this.#isOpen ||= this.#under !== null || this.#body !== '';
    void this.#welcome();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stage.removeController(this.#follow);
  }

  protected override render(): TemplateResult {
    const { words, view } = this.stage;
    const edited = this.#edited;
    const above = this.#under && view.get(this.#under);
    const isGuest = !edited && (view.you?.me?.badge ?? 'guest') === 'guest';
    const isElsewhere = edited !== '' || this.#under !== null;
    return html`<form
      class=${this.#isOpen ? 'open' : ''}
      part="composer"
      aria-labelledby="write"
      aria-describedby=${above ? 'write-to' : nothing}
      novalidate
      @submit=${this.#submit}
      @keydown=${this.#key}
      @focusin=${this.#open}
    >
      <h3 id="write">${words.say(edited ? 'editHeading' : 'leaveReply')}</h3>
      ${above ? html`<p id="write-to" class="soft">${words.say('replyingTo', { name: above.author.name })}</p>` : nothing}
      <label class="grow" data-text=${this.#body}>
        <span class="unseen">${words.say('yourReply')}</span>
        <textarea
          rows="1"
          dir="auto"
          placeholder=${words.say('placeholder')}
          .value=${this.#body}
          ?readonly=${this.#isBusy}
          @input=${this.#write}
        ></textarea>
      </label>
      <p class="problem" role="alert">${this.#problem}</p>
      <div class="tools">
        ${
          isGuest
            ? html`<label class="who"
                ><span>${words.say('yourName')}</span
                ><input
                  autocomplete="nickname"
                  maxlength=${NAME_MAX}
                  dir="auto"
                  .value=${this.live.name}
                  @change=${this.#rename}
              /></label>`
            : nothing
        }
        <span class="hint soft">${words.say('markdown')}</span>
        ${isElsewhere ? html`<button type="button" @click=${this.#close}>${words.say('cancel')}</button>` : nothing}
        <button class="post" ?disabled=${this.#isBusy}>${words.say(edited ? 'save' : 'post')}</button>
      </div>
      ${view.status === 'offline' ? html`<p class="hint soft">${words.say('offlineNote')}</p>` : nothing}
    </form>`;
  }

  get #edited(): string {
    return 'edit' in this.place ? this.place.edit : '';
  }

  get #under(): string | null {
    return 'under' in this.place ? this.place.under : null;
  }

  readonly #open = (): void => {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.requestUpdate();
  };

  readonly #write = (event: InputEvent): void => {
    this.#body = (event.target as HTMLTextAreaElement).value;
    this.#problem = '';
    this.requestUpdate();
    if (this.#edited) return;
    this.live.setDraft(this.#under, this.#body);
    this.live.typing(this.#under);
  };

  readonly #rename = (event: Event): void => {
    this.live.setName((event.target as HTMLInputElement).value);
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.querySelector('form')!.requestSubmit();
    else if (event.key === 'Escape') this.#close();
    else return;
    event.preventDefault();
  };

  /** The draft is kept; the focus goes back to the reply it was about. */
  readonly #close = (): void => {
    const id = this.#edited || this.#under;
    if (id) {
      this.stage.write({ under: null });
      void this.#goTo(id);
    } else if (!this.#body) {
      this.#isOpen = false;
      this.querySelector('textarea')?.blur();
      this.requestUpdate();
    }
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    if (this.#isBusy) return;
    const { words } = this.stage;
    const body = this.#body.trim();
    const name = this.querySelector('input')?.value.trim();
    if (!body) return this.#refuse(words.say('bodyNeeded'), 'textarea');
    if (body.length > BODY_MAX) return this.#refuse(words.say('tooLong', { n: body.length - BODY_MAX }), 'textarea');
    if (name === '') return this.#refuse(words.say('nameNeeded'), 'input');
    if (this.#edited) return void this.#save(body);
    if (name) this.live.setName(name);
    const id = this.live.post({ parent: this.#under, body });
    this.#body = '';
    this.#problem = '';
    this.requestUpdate();
    if (this.#under !== null) this.stage.write({ under: null });
    void this.#goTo(id);
  };

  async #save(body: string): Promise<void> {
    const id = this.#edited;
    this.#isBusy = true;
    this.requestUpdate();
    const answer = await this.live.edit(id, body);
    this.#isBusy = false;
    if (!answer.ok) return this.#refuse(this.stage.words.say(`error.${answer.error.code}`), 'textarea');
    this.say(this.stage.words.say('saved'));
    this.stage.write({ under: null });
    void this.#goTo(id);
  }

  async #fetchSource(): Promise<void> {
    this.#isBusy = true;
    const answer = await this.live.source(this.#edited);
    this.#isBusy = false;
    if (answer.ok) this.#body = answer.data.body;
    else this.#problem = this.stage.words.say(`error.${answer.error.code}`);
    this.requestUpdate();
  }

  #refuse(problem: string, field: 'textarea' | 'input'): void {
    this.#problem = problem;
    this.requestUpdate();
    this.#focus(field);
  }

  /** Who asked for it here wants to write here; at the list it only waits. */
  async #welcome(): Promise<void> {
    const isAsked = this.#edited || this.#under !== null || ('focus' in this.place && this.place.focus);
    await this.updateComplete;
    if (isAsked) this.#focus('textarea');
  }

  #focus(field: string): void {
    this.querySelector<HTMLElement>(field)?.focus();
  }

  /** To the reply that was written or written about, moving the page only where it is out of sight. */
  async #goTo(id: string): Promise<void> {
    await this.stage.updateComplete;
    const article = this.stage.renderRoot.querySelector<HTMLElement>(`[id="${id}"]`);
    article?.focus({ preventScroll: true });
    article?.scrollIntoView({ block: 'nearest' });
  }
}
