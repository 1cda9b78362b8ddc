// Says things in one language: messages with their plurals, numbers and times. Owns the look-up, not the texts.
import { Times } from './time.js';
import type { Catalogue, Message, MessageKey } from './catalogue.js';

export type Values = Record<string, string | number>;

/** The languages shipped that run from right to left. */
const RTL = /^(ar|fa|he)/;

/**
 * One language. `catalogue` may hold only half of the messages at first (see `with`); asking for one that is not there
 * yet says nothing rather than a key.
 */
export class Words {
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly times: Times;
  readonly #catalogue: Partial<Catalogue>;
  readonly #plural: Intl.PluralRules;
  readonly #number: Intl.NumberFormat;

  constructor(lang: string, catalogue: Partial<Catalogue>) {
    this.lang = lang;
    this.dir = RTL.test(lang) ? 'rtl' : 'ltr';
    this.times = new Times(lang);
    this.#catalogue = catalogue;
    this.#plural = new Intl.PluralRules(lang);
    this.#number = new Intl.NumberFormat(lang);
  }

  /** The same language with the messages that came later; those known before win. */
  with(more: Partial<Catalogue>): Words {
    return new Words(this.lang, { ...more, ...this.#catalogue });
  }

  /** `n` chooses the plural form and is written in the language's digits; other values stand as they are. */
  say(key: MessageKey, values: Values = {}): string {
    return this.fill(this.#form(this.#catalogue[key] ?? '', values.n as number), values);
  }

  /** Any text with `{name}`s in it. */
  fill(text: string, values: Values): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? this.#number.format(value) : value;
    });
  }

  #form(message: Message, n: number): string {
    if (typeof message === 'string') return message;
    return (n === 0 && message[0]) || message[this.#plural.select(n)] || message.other;
  }
}
