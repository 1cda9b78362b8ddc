// Where one writes: a new reply, or a change of an own one. Owns the form and its draft; sending is the live thread's, and
// what helps with writing comes when the form is first touched: without it one can write and send all the same.
// Stands in the discussion's shadow root without one of its own, so that labels, focus and styles are of one piece.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { BODY_MAX, NAME_MAX } from '../../../shared/limits.js';
import { isAboutName } from '../../state/outbox.js';
import type { LiveThread, OutboxEntry } from '../../state/types.js';
import { problem } from '../kit/problem.js';
import type { Assist, Desk, Place, Stage } from '../stage.js';
import { hasVisible } from './visible.js';

type Field = 'textarea' | 'input';

/**
 * Made by the discussion, inside it; of no use to a page.
 *
 * @tag afterword-composer
 */
export class Composer extends LitElement implements Desk {
  static readonly tag = 'afterword-composer';

  declare stage: Stage;
  declare live: LiveThread;
  declare place: Place;
  /** Tells those who don't see the page. */
  declare say: (text: string) => void;
  body = '';
  isBusy = false;
  selected = '';
  #isOpen = false;
  #assist: Assist | null = null;
  /** What is wrong here, in words, and with which box. */
  #problem = '';
  #field: Field = 'textarea';
  /** The reply that failed for its name when this was last drawn. */
  #nameless = '';
  /** The reply that is sent again because another name was given. */
  #mended = '';
  /** Words, status and identity come with the discussion's renders. */
  readonly #follow = { hostUpdated: (): void => void this.#followUp() };

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stage.addController(this.#follow);
    // Before the focus goes to the box, and the selection with it.
    const root = this.stage.renderRoot as unknown as Partial<Document>;
    this.selected = String(root.getSelection?.() ?? getSelection());
    if (!this.#edited && !this.body) this.body = this.live.draft(this.#under);
    this.#isOpen ||= this.#under !== null || this.body !== '';
    this.#nameless = this.#refused()?.id ?? '';
    if (this.#isOpen || this.#edited) void this.#reach();
    void this.#welcome();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stage.removeController(this.#follow);
  }

  get box(): HTMLTextAreaElement {
    return this.querySelector('textarea')!;
  }

  async #reach(): Promise<void> {
    this.#assist ??= await this.stage.kit!.writing().then(
      (writing) => this.#assist ?? writing.assist(this),
      () => null,
    );
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { words, view } = this.stage;
    const edited = this.#edited;
    const assist = this.#assist;
    const shown = assist?.shown() ?? null;
    const above = this.#under && view.get(this.#under);
    const isGuest = !edited && (view.you?.me?.badge ?? 'guest') === 'guest';
    const isElsewhere = edited !== '' || this.#under !== null;
    const refused = this.#refused();
    const wrong = {
      textarea: this.#field === 'textarea' ? this.#problem : '',
      input: (this.#field === 'input' && this.#problem) || (refused?.error ? problem(words, refused.error) : ''),
    };
    return html`<form
      class=${this.#isOpen ? 'open' : ''}
      part="composer"
      aria-labelledby="write"
      aria-describedby=${above ? 'write-to' : nothing}
      novalidate
      aria-busy=${edited !== '' && !assist?.isReady}
      @submit=${this.#submit}
      @keydown=${this.#key}
      @focusin=${this.#open}
    >
      <div class="head">
        <h3 id="write">${words.say(edited ? 'editHeading' : 'leaveReply')}</h3>
        ${assist?.bar() ?? nothing}
      </div>
      ${above ? html`<p id="write-to" class="soft">${words.say('replyingTo', { name: above.author.name })}</p>` : nothing}
      ${shown ?? nothing}
      <label class="grow" data-text=${this.body} ?hidden=${shown !== null}>
        <span class="unseen">${words.say('yourReply')}</span>
        <textarea
          rows="1"
          dir=${this.body ? 'auto' : nothing}
          placeholder=${words.say('placeholder')}
          .value=${this.body}
          ?readonly=${this.isBusy}
          aria-invalid=${wrong.textarea !== ''}
          aria-describedby="text-problem"
          aria-controls=${assist?.active ? 'options' : nothing}
          aria-activedescendant=${assist?.active ?? nothing}
          @input=${this.#write}
          @paste=${(event: ClipboardEvent) => assist?.pasted(event)}
          @blur=${() => assist?.left()}
        ></textarea>
      </label>
      ${assist?.list() ?? nothing}
      <p class="problem" id="text-problem" role="alert">${wrong.textarea}</p>
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
                  aria-invalid=${wrong.input !== ''}
                  aria-describedby="name-problem"
                  @input=${this.#naming}
                  @change=${this.#rename}
              /></label>`
            : nothing
        }
        ${isElsewhere ? html`<button type="button" @click=${this.#close}>${words.say('cancel')}</button>` : nothing}
        <button class="post" ?disabled=${this.isBusy}>${words.say(edited ? 'save' : 'post')}</button>
      </div>
      ${isGuest ? html`<p class="problem" id="name-problem" role="alert">${wrong.input}</p>` : nothing}
      ${assist?.below() ?? nothing}
      ${view.status === 'offline' ? html`<p class="soft">${words.say('offlineNote')}</p>` : nothing}
    </form>`;
  }

  /** The latest reply that waits for another name. */
  #refused(): OutboxEntry | undefined {
    return this.stage.view.pending.filter(({ error }) => error && isAboutName(error)).at(-1);
  }

  /** Who is still at the form, or at the reply whose name was refused, goes on at the name. */
  async #followUp(): Promise<void> {
    this.requestUpdate();
    const id = this.#refused()?.id ?? '';
    const isNews = id !== this.#nameless;
    this.#nameless = id;
    const at = (this.stage.renderRoot as ShadowRoot).activeElement;
    if (!id || !isNews || !at || !(this.contains(at) || at.closest(`[id="${id}"]`))) return;
    await this.updateComplete;
    this.#focus('input');
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
    void this.#reach();
  };

  readonly #write = (event: InputEvent): void => {
    this.body = (event.target as HTMLTextAreaElement).value;
    this.#problem = '';
    this.#mended = '';
    this.requestUpdate();
    this.#assist?.typed();
    if (this.#edited) return;
    this.live.setDraft(this.#under, this.body);
    this.live.typing(this.#under);
  };

  readonly #naming = (): void => {
    this.#problem = '';
    this.requestUpdate();
  };

  readonly #rename = (event: Event): void => {
    const name = (event.target as HTMLInputElement).value;
    const refused = this.#refused();
    this.live.setName(hasVisible(name) ? name : '');
    if (refused && !this.#refused()) this.#mended = refused.id;
    this.requestUpdate();
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (this.#assist?.key(event)) return event.preventDefault();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.querySelector('form')!.requestSubmit();
    else if (event.key === 'Escape') this.#close();
    else return;
    event.preventDefault();
  };

  /** The draft is kept; the focus goes back to the reply it was about. */
  readonly #close = (): void => {
    const id = this.#edited || this.#under;
    if (id) this.done(id);
    else if (!this.body) {
      this.#isOpen = false;
      this.querySelector('textarea')?.blur();
      this.requestUpdate();
    }
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    if (this.isBusy) return;
    const { words } = this.stage;
    const body = this.body.trim();
    const name = this.querySelector('input')?.value.trim();
    if (!hasVisible(body)) {
      // Sent for the sake of the name, which has gone its way already.
      if (this.#mended) return void this.#goTo(this.#mended);
      return this.#refuse(words.say('bodyNeeded'), 'textarea');
    }
    if (body.length > BODY_MAX) return this.#refuse(words.say('tooLong', { n: body.length - BODY_MAX }), 'textarea');
    if (name !== undefined && !hasVisible(name)) return this.#refuse(words.say('nameNeeded'), 'input');
    if (this.#assist?.holds()) return;
    if (this.#edited) return void this.#assist?.save(body);
    if (name) this.live.setName(name);
    const id = this.live.post({ parent: this.#under, body, ...this.#assist?.extras() });
    this.body = '';
    this.#problem = '';
    this.requestUpdate();
    if (this.#under !== null) this.stage.write({ under: null });
    void this.#goTo(id);
  };

  done(id: string): void {
    this.stage.write({ under: null });
    void this.#goTo(id);
  }

  refuse(words: string): void {
    this.#refuse(words, 'textarea');
  }

  #refuse(words: string, field: Field): void {
    this.#problem = words;
    this.#field = field;
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
