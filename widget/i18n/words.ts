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

  constructor(lang: string, catalogue: Partial<Catalogue>, times = new Times(lang)) {
    this.lang = lang;
    this.dir = RTL.test(lang) ? 'rtl' : 'ltr';
    this.times = times;
    this.#catalogue = catalogue;
  }

  /** The same language with the messages that came later; those known before win. */
  with(more: Partial<Catalogue>): Words {
    return new Words(this.lang, { ...more, ...this.#catalogue }, this.times);
  }

  /** `n` chooses the plural form and is written in the language's digits; other values stand as they are. */
  say(key: MessageKey, values: Values = {}): string {
    return this.fill(this.#form(this.#catalogue[key] ?? '', values.n as number), values);
  }

  /** Any text with `{name}`s in it. */
  fill(text: string, values: Values): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? this.times.by('NumberFormat').format(value) : value;
    });
  }

  #form(message: Message, n: number): string {
    if (typeof message === 'string') return message;
    return (n === 0 && message[0]) || message[this.times.by('PluralRules').select(n)] || message.other;
  }
}
