// Owns the way from a reply's Markdown to the HTML that readers insert: one parser, then one sanitiser as a second wall
// that shares nothing with the first. Pure; knows nothing of replies. See docs/decisions/0003-markdown-on-the-server.md.
import { parseMarkdown } from './render-markdown.js';
import { sanitise } from './render-sanitise.js';
import { hasVisible } from './text.js';

/** The renderer's version, stored with each reply: raise it when the same Markdown comes out otherwise. */
export const RENDERER = 4;

/**
 * Safe HTML of a body that passed `checkBody`. Elements: p, strong, em, s, code, pre, blockquote, ul, ol, li, a,
 * small (the host of a link whose text doesn't show it), bdi (a name that is mentioned), br, hr. Attributes: `href` and `rel` of links, `dir`, `start` of ol, `class="language-..."` of code. Takes a few milliseconds
 * at most, whatever the text.
 */
export function render(markdown: string): string {
  return renderWithNames(markdown, new Map()).html;
}

/**
 * The same, with each `@Name` of these people as `<bdi>`, outside code and links. `mentioned`: the ids of those whose
 * name was found, in the order of `names`.
 */
export function renderWithNames(
  markdown: string,
  names: ReadonlyMap<string, string>,
): { html: string; mentioned: string[] } {
  const found = new Set<string>();
  const html = sanitise(parseMarkdown(markdown, { names: new Set(names.values()), found }));
  return { html, mentioned: [...names].filter(([, name]) => found.has(name)).map(([id]) => id) };
}

/** Whether nothing of this output of `render` can be seen, such as that of a link definition alone. */
export function isBlank(html: string): boolean {
  return !hasVisible(html.replace(/<[^>]*>/g, ''));
}
