// The grammar of a reply's HTML, far stricter than a browser's parser: what it reads, every parser reads the same way.

export interface Element {
  tag: string;
  attributes: Record<string, string>;
}

const BLOCK = { dir: /^(?:auto|ltr|rtl)$/ };
const ALLOWED: Record<string, Record<string, RegExp>> = {
  p: BLOCK,
  pre: BLOCK,
  blockquote: BLOCK,
  ul: BLOCK,
  ol: { ...BLOCK, start: /^\d{1,9}$/ },
  li: {},
  strong: {},
  em: {},
  s: {},
  code: { class: /^language-[a-z0-9+-]{1,20}$/ },
  a: { href: /^(?:https?:\/\/|mailto:)[^\s<>"\p{C}]+$/u, rel: /^nofollow ugc noopener$/ },
  small: BLOCK,
  bdi: {},
  br: {},
  hr: {},
};
const VOID = new Set(['br', 'hr']);
const PIECE = /<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)( \/)?>|[^<>]+/y;
const ENTITY = /&(?!(?:amp|lt|gt|quot);)/;

/** The elements of this HTML in their order. Throws where anything in it is not on the list or not well-formed. */
export function readStrictly(html: string): Element[] {
  const elements: Element[] = [];
  const open: string[] = [];
  for (PIECE.lastIndex = 0; PIECE.lastIndex < html.length;) {
    const at = PIECE.lastIndex;
    const piece = PIECE.exec(html);
    const fail = (why: string): never => {
      throw new Error(`${why} at ${at}: ${JSON.stringify(html.slice(at, at + 80))}`);
    };
    if (!piece) return fail('not of the grammar');
    const [whole, slash, tag, attributes = '', end] = piece;
    if (ENTITY.test(whole)) fail('a bare ampersand');
    if (tag === undefined) continue;
    const allowed = Object.hasOwn(ALLOWED, tag) ? ALLOWED[tag]! : fail(`the element ${tag}`);
    if (slash) {
      if (attributes || end || open.pop() !== tag) fail('a wrong closing tag');
      continue;
    }
    const element: Element = { tag, attributes: {} };
    for (const [, name, value] of attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
      const plain = decoded(value!);
      if (!Object.hasOwn(allowed, name!) || !allowed[name!]!.test(plain)) fail(`the attribute ${name}`);
      if (Object.hasOwn(element.attributes, name!)) fail(`the attribute ${name} twice`);
      element.attributes[name!] = plain;
    }
    if (tag === 'a' && (open.includes('a') || !element.attributes.href || !element.attributes.rel))
      fail('a wrong link');
    if (Boolean(end) !== VOID.has(tag)) fail('a wrong end of a tag');
    if (!end) open.push(tag);
    elements.push(element);
  }
  if (open.length > 0) throw new Error(`${open.join(', ')} left open`);
  return elements;
}

function decoded(value: string): string {
  return value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
