// Writes Lit templates as text: the same functions that draw the discussion in the page, for a server that has no page. Knows
// the kinds of values that our templates hold, and throws on any other. What a template holds is text and is escaped, but
// for what goes through `safeHtml`.
import { noChange, nothing, type html } from 'lit';
import { getDirectiveClass, isTemplateResult } from 'lit/directive-helpers.js';
import { keyed } from '../elements/keyed.js';
import { safeHtml } from '../elements/safe-html.js';

/** What a template and a directive come to, as Lit's own server renderer reads them. */
type Template = ReturnType<typeof html>;
type Directed = { values: unknown[] };

const KEYED = getDirectiveClass(keyed([], String, String));
const SAFE_HTML = getDirectiveClass(safeHtml(''));

/** Where a value stands in the text of a template. */
type Place =
  | { is: 'child' }
  | { is: 'element' }
  | { is: 'listener' }
  | { is: 'attribute'; isQuoted: boolean; name: string };

interface Prepared {
  strings: string[];
  places: Place[];
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `style`: writes what a template sets as an element's style; the whole attribute, with a space before it, or ''. */
export class Markup {
  readonly #style: (css: string) => string;
  readonly #prepared = new WeakMap<TemplateStringsArray, Prepared>();

  constructor(style: (css: string) => string) {
    this.#style = style;
  }

  of(value: unknown): string {
    if (value === nothing || value === noChange) return '';
    if (Array.isArray(value)) return value.map((one) => this.of(one)).join('');
    if (isTemplateResult(value)) return this.#template(value as Template);
    const directive = getDirectiveClass(value);
    if (directive && directive === KEYED) {
      const [items, , draw] = (value as Directed).values as Parameters<typeof keyed<unknown>>;
      return this.of(items.map((item) => draw(item)));
    }
    return escape(textOf(value));
  }

  #template({ strings, values }: Template): string {
    let prepared = this.#prepared.get(strings);
    if (!prepared) this.#prepared.set(strings, (prepared = prepare(strings)));
    const { places } = prepared;
    let written = prepared.strings[0]!;
    /** What is to stand inside the element whose tag is not closed yet. */
    let content = '';
    places.forEach((place, i) => {
      const value = values[i];
      let next = prepared.strings[i + 1]!;
      if (place.is === 'child') written += this.of(value);
      // What listens in the page can't be used before.
      else if (place.is === 'listener') written += ' disabled';
      else if (place.is === 'element') content = safe(value);
      else written = this.#attribute(written, place, value);
      if (content && next.includes('>')) {
        next = next.replace('>', () => `>${content}`);
        content = '';
      }
      written += next;
    });
    return written;
  }

  #attribute(written: string, { name, isQuoted }: Extract<Place, { is: 'attribute' }>, value: unknown): string {
    if (name === '.style') return written + this.#style(textOf(value));
    if (value === nothing) return written;
    const text = escape(textOf(value));
    return isQuoted ? written + text : `${written} ${name}="${text}"`;
  }
}

/** As Lit writes it. */
function textOf(value: unknown): string {
  if (value == null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error('no text can be made of this value');
}

function safe(value: unknown): string {
  if (getDirectiveClass(value) !== SAFE_HTML) throw new Error('a directive that is not known here');
  const [html, text] = (value as Directed).values as [string, string?];
  return text === undefined ? html : escape(text);
}

/** Stands for a value. */
const VALUE = '\0';

/**
 * Line breaks count as the build takes them (`vite.widget.config.ts`), so that the text is the same to the eye. Where an
 * attribute has nothing but its value, its name goes with it.
 */
function prepare(raw: readonly string[]): Prepared {
  const strings = raw
    .join(VALUE)
    .replace(/([>\0])\s*\n\s*(?=[\0<])/g, '$1')
    .replace(/\s*\n\s*(?=>)/g, '')
    .replace(/\s*\n\s*/g, ' ')
    .split(VALUE);
  const places: Place[] = [];
  let isInTag = false;
  let isInQuotes = false;
  for (let i = 0; i < strings.length - 1; i++) {
    const text = strings[i]!;
    for (const character of text) {
      if (character === '"' && isInTag) isInQuotes = !isInQuotes;
      else if (character === '<' && !isInQuotes) isInTag = true;
      else if (character === '>' && !isInQuotes) isInTag = false;
    }
    const [whole, name = ''] = /\s([@.?]?[\w-]+)=$/.exec(text) ?? [];
    if (!isInTag) places.push({ is: 'child' });
    else if (isInQuotes) places.push({ is: 'attribute', isQuoted: true, name: '' });
    else if (whole === undefined) places.push({ is: 'element' });
    else {
      strings[i] = text.slice(0, -whole.length);
      if (name.startsWith('@')) places.push({ is: 'listener' });
      else if (/^[?.]/.test(name) && name !== '.style') throw new Error(`${name} can't be written as text`);
      else places.push({ is: 'attribute', isQuoted: false, name });
    }
  }
  return { strings, places };
}
