// Where one writes: a new reply, or a change of an own one. Owns the form and its draft. What it can do beyond that (checking,
// sending, formatting) comes when it is first touched: what is written meanwhile is kept, and what is sent is sent then.
// Stands in the discussion's shadow root without one of its own, so that labels, focus and styles are of one piece.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { NAME_MAX } from '../../../shared/limits.js';
import { NAME } from '../../state/drafts.js';
import { isAboutName } from '../../state/outbox.js';
import type { LiveThread } from '../../state/types.js';
import type { Assist, Desk, Place, Stage } from '../stage.js';

/** After this long what is needed for sending is asked for again. */
const AGAIN_MS = 3_000;

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
  refused: string | undefined;
  #isOpen = false;
  /** It is to be sent as soon as that can be. */
  #isSent = false;
  #assist: Assist | null = null;
  /** Words, status and identity come with the discussion's renders. */
  readonly #follow = {
    hostUpdated: (): void => {
      this.requestUpdate();
      this.#assist?.followUp();
      if (this.stage.view.pending.some(({ error }) => error)) void this.#reach();
    },
  };

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  get form(): HTMLElement {
    return this;
  }

  get box(): HTMLTextAreaElement {
    return this.querySelector('textarea')!;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stage.addController(this.#follow);
    this.refused = this.stage.view.pending.findLast(({ error }) => error && isAboutName(error))?.id;
    // Before the focus goes to the box, and the selection with it.
    const root = this.stage.renderRoot as unknown as Partial<Document>;
    this.selected = String(root.getSelection?.() ?? getSelection());
    if (!this.#edited && !this.body) this.body = this.live.drafts.get(this.#under);
    this.#isOpen ||= Boolean(this.#under || this.body);
    if (this.#isOpen || this.#edited) void this.#reach();
    void this.#welcome();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stage.removeController(this.#follow);
  }

  async #reach(): Promise<void> {
    if (this.#assist) return;
    const writing = await this.stage.kit!.writing();
    if (writing) {
      this.#assist ??= writing.assist(this);
      this.#assist.followUp();
      this.requestUpdate();
    } else if (this.#isSent) void this.#keep();
    if (!this.#assist || !this.#isSent) return;
    this.#isSent = false;
    this.#assist.submit();
  }

  /** Nothing more can be had now: what is whole waits in the outbox, which needs none of it. */
  async #keep(): Promise<void> {
    const { live, body, stage } = this;
    const input = this.querySelector('input');
    if (this.#edited || !body.trim() || input?.value.trim() === '') {
      setTimeout(() => void this.#reach(), AGAIN_MS);
      return;
    }
    this.#isSent = false;
    this.body = '';
    if (input) live.setName(input.value);
    const id = live.post({ parent: this.#under, body });
    this.say(stage.words.say('waiting'));
    stage.write({ under: null });
    await stage.updateComplete;
    (stage.renderRoot as ShadowRoot).getElementById(id)?.focus();
  }

  protected override render(): TemplateResult {
    const { words, view } = this.stage;
    const edited = this.#edited;
    const assist = this.#assist;
    const shown = assist?.shown() ?? null;
    const about = view.get(edited || (this.#under ?? ''));
    const name = about?.author.name ?? '';
    const isGuest = !edited && (view.you?.me?.badge ?? 'guest') === 'guest';
    const { textarea, input } = assist?.wrong() ?? { textarea: '', input: '' };
    return html`<form
      class=${this.#isOpen ? 'open' : ''}
      part="composer"
      aria-labelledby="write"
      aria-describedby=${this.#under ? 'write-to' : nothing}
      novalidate
      aria-busy=${this.#isSent || (edited !== '' && !assist?.isReady)}
      @submit=${this.#submit}
      @keydown=${this.#key}
      @focusin=${this.#open}
    >
      <div class="head">
        <h3
          part="composer-heading"
          id="write"
          aria-level=${Number(this.closest('.node')?.querySelector('h3')?.ariaLevel ?? 2) + 1}
        >
          ${words.say(edited ? 'editHeading' : 'leaveReply')}
        </h3>
        ${assist?.bar()}
      </div>
      ${
        this.#under
          ? html`<p id="write-to" role="status" class=${name ? 'soft' : 'problem'} part=${name ? 'hint' : 'problem'}>
              ${words.say(name ? 'replyingTo' : 'parentRemoved', { name })}
            </p>`
          : nothing
      }
      ${assist?.above()} ${shown}
      <label class="grow" data-text=${this.body} ?hidden=${shown !== null}>
        <span class="unseen">${words.say('yourReply')}</span>
        <textarea
          part="text"
          rows="1"
          dir=${this.body ? 'auto' : nothing}
          placeholder=${words.say('placeholder')}
          .value=${this.body}
          ?readonly=${this.isBusy}
          aria-invalid=${textarea !== ''}
          aria-describedby="text-problem"
          aria-controls=${assist?.active ? 'options' : nothing}
          aria-activedescendant=${assist?.active ?? nothing}
          @input=${this.#write}
        ></textarea>
      </label>
      ${assist?.list()}
      <p class="problem" part="problem" id="text-problem" role="alert">${textarea}</p>
      <div class="tools">
        ${
          isGuest
            ? html`<label class="who"
                ><span>${words.say('yourName')}</span
                ><input
                  part="name"
                  autocomplete="nickname"
                  maxlength=${NAME_MAX}
                  dir="auto"
                  .value=${this.live.name || this.live.drafts.get(NAME)}
                  aria-invalid=${input !== ''}
                  aria-describedby="name-problem"
                  @input=${() => assist?.naming()}
                  @change=${this.#rename}
              /></label>`
            : nothing
        }
        ${
          edited || this.#under
            ? html`<button part="button" type="button" @click=${() => this.#close()}>${words.say('cancel')}</button>`
            : nothing
        }
        <button part="post" class="post" ?disabled=${this.isBusy}>
          ${assist?.verb() ?? words.say(this.#isSent ? 'sending' : edited ? 'save' : 'post')}
        </button>
      </div>
      ${isGuest ? html`<p class="problem" part="problem" id="name-problem" role="alert">${input}</p>` : nothing}
      ${assist?.below()}
    </form>`;
  }

  get #edited(): string {
    return 'edit' in this.place ? this.place.edit : '';
  }

  get #under(): string | null {
    return 'under' in this.place ? this.place.under : null;
  }

  readonly #open = (): void => {
    this.#isOpen = true;
    // Another tab may have begun here since, and be gone.
    if (!this.#edited) this.body ||= this.live.drafts.get(this.#under);
    this.requestUpdate();
    void this.#reach();
  };

  readonly #write = (event: InputEvent): void => {
    this.body = (event.target as HTMLTextAreaElement).value;
    this.#isSent = false;
    this.requestUpdate();
    this.#assist?.typed();
    if (this.#edited) return;
    this.live.drafts.set(this.#under, this.body);
    if (this.stage.kit?.prefs.get('typing')) this.live.typing(this.#under);
  };

  readonly #rename = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    if (this.#assist) this.#assist.rename(value);
    else this.live.setName(value);
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (this.#assist?.key(event)) event.preventDefault();
    else if (event.key === 'Escape') this.#close();
  };

  /** The draft is kept; the focus goes back to the reply it was about. */
  #close(): void {
    const id = this.#edited || this.#under;
    if (id) this.done(id);
    else if (!this.body) {
      this.#isOpen = false;
      this.box.blur();
      this.requestUpdate();
    }
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    this.#isSent = !this.#assist;
    if (this.#assist) this.#assist.submit();
    else {
      // What it lacks is said in words as soon as they are there, which an updated server may have no more.
      const input = this.querySelector('input');
      if (input?.value.trim() === '') input.focus();
      void this.#reach();
    }
    this.requestUpdate();
  };

  done(id: string): void {
    this.stage.write({ under: null });
    this.#assist?.goTo(id);
  }

  /** Who asked for it here wants to write here; at the list it only waits. */
  async #welcome(): Promise<void> {
    const isAsked = this.#edited || this.#under || ('focus' in this.place && this.place.focus);
    await this.updateComplete;
    if (isAsked) this.box.focus();
  }
}
