// The reading settings: a dialog in which each choice acts at once and is remembered on this device. Owns no meaning of a
// choice; what is chosen is in `state/prefs.ts` and `tools/remember.ts`.
import { html, render } from 'lit';
import type { Sort } from '../../../shared/views.js';
import type { MessageKey } from '../../i18n/catalogue.js';
import type { Choices, Pace, Prefs } from '../../state/prefs.js';
import type { Stage } from '../stage.js';
import type { Help } from './help.js';
import type { Remember } from '../tools/remember.js';

const SORTS = ['oldest', 'newest', 'best'] as const satisfies readonly Sort[];
const PACES = ['auto', 'hold', 'anchor', 'follow', 'pause'] as const satisfies readonly Pace[];
const SAVERS = ['auto', 'on', 'off'] as const satisfies readonly Choices['saver'][];

export class Menu {
  readonly #stage: Stage;
  readonly #remember: Remember;
  readonly #help: Help;
  readonly #prefs: Prefs;
  readonly #dialog = document.createElement('dialog');
  #problem = '';

  constructor(stage: Stage, remember: Remember, help: Help) {
    this.#stage = stage;
    this.#remember = remember;
    this.#help = help;
    this.#prefs = stage.kit!.prefs;
    this.#dialog.className = 'sheet menu';
    this.#dialog.setAttribute('part', 'menu');
    // A press beside it closes it.
    this.#dialog.addEventListener('click', ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  /** The browser gives the focus back when it is closed. */
  open(): void {
    // Whoever pressed twice while it was loaded opened it already.
    this.#dialog.close();
    this.#stage.renderRoot.querySelector('#root')!.append(this.#dialog);
    this.#problem = '';
    this.#draw();
    this.#dialog.showModal();
  }

  /** In another order the discussion starts over, with choices of its own; until it has, these hold as well. */
  get #now(): Prefs {
    return this.#stage.kit?.prefs ?? this.#prefs;
  }

  #draw(): void {
    const { words, view } = this.#stage;
    const prefs = this.#now;
    const say = (key: string): string => words.say(key as MessageKey);
    const radios = <T extends string>(
      legend: MessageKey,
      name: string,
      values: readonly T[],
      chosen: T,
      choose: (value: T) => void,
      explained = false,
    ): unknown =>
      html`<fieldset>
        <legend>${words.say(legend)}</legend>
        ${values.map(
          (value) =>
            html`<label
              ><input type="radio" name=${name} .checked=${value === chosen} @change=${() => choose(value)} /><span
                >${say(`${name}.${value}`)} ${explained ? html`<small>${say(`${name}.${value}.is`)}</small>` : ''}</span
              ></label
            >`,
        )}
      </fieldset>`;
    const box = (key: MessageKey, isOn: boolean, choose: (isOn: boolean) => void): unknown =>
      html`<label
        ><input
          type="checkbox"
          .checked=${isOn}
          @change=${({ target }: Event) => choose((target as HTMLInputElement).checked)}
        /><span>${words.say(key)}</span></label
      >`;
    this.#dialog.setAttribute('aria-label', words.say('settings'));
    render(
      html`<form method="dialog">
        <h3>${words.say('settings')}</h3>
        <div class="scroll">
          <div class="choices">
            ${radios('order', 'sort', SORTS, view.sort, (sort) => void this.#sort(sort))}
            ${this.#problem ? html`<p class="problem" part="problem" role="alert">${this.#problem}</p>` : ''}
            ${radios('newReplies', 'pace', PACES, paceOf(this.#stage), (pace) => this.#pace(pace), true)}
            <fieldset>
              <legend>${words.say('everythingElse')}</legend>
              ${box('announcing', prefs.get('announce') !== false, (isOn) => this.#set('announce', isOn))}
              ${box('showPresence', prefs.get('presence') !== false, (isOn) => this.#set('presence', isOn))}
              ${box('showTyping', prefs.get('typing') === true, (isOn) => this.#set('typing', isOn))}
            </fieldset>
            ${radios('saver', 'saver', SAVERS, prefs.get('saver') ?? 'auto', (saver) => this.#set('saver', saver))}
          </div>
        </div>
        <p class="sheet-end">
          <button part="button" type="button" class="quiet" @click=${() => this.#keys()}>${words.say('keys')}</button>
          <button part="button">${words.say('close')}</button>
        </p>
      </form>`,
      this.#dialog,
    );
  }

  #set<K extends keyof Choices>(name: K, value: Choices[K]): void {
    this.#now.set(name, value);
    this.#draw();
  }

  #pace(pace: Pace): void {
    if (pace === 'pause') this.#now.set('before', this.#now.get('pace') as Choices['before'] | null);
    this.#set('pace', pace);
  }

  async #sort(sort: Sort): Promise<void> {
    const isDone = await this.#remember.sortBy(sort);
    this.#problem = isDone ? '' : this.#stage.words.say('orderFailed');
    await this.#stage.updateComplete;
    if (!this.#dialog.open) return;
    this.#draw();
    // What the browser has checked and was not done.
    const inputs = this.#dialog.querySelectorAll<HTMLInputElement>('[name=sort]');
    for (const [n, input] of inputs.entries()) input.checked = SORTS[n] === this.#stage.view.sort;
  }

  #keys(): void {
    this.#dialog.close();
    this.#help.toggle();
  }
}

/** What this reader chose, else what the owner set. */
export function paceOf(stage: Stage): Pace {
  const own = stage.setting('pace') as Pace;
  return stage.kit?.prefs.get('pace') ?? (PACES.includes(own) ? own : 'auto');
}
