// Owns the way from a reply's Markdown to the HTML that readers insert: one parser, then one sanitiser as a second wall
// that shares nothing with the first. Pure; knows nothing of replies. See docs/decisions/0003-markdown-on-the-server.md.
import { parseMarkdown } from './render-markdown.js';
import { sanitise } from './render-sanitise.js';
import { hasVisible } from './text.js';

/** The renderer's version, stored with each reply: raise it when the same Markdown comes out otherwise. */
export const RENDERER = 1;

/**
 * Safe HTML of a body that passed `checkBody`. Elements: p, strong, em, s, code, pre, blockquote, ul, ol, li, a, br, hr.
 * Attributes: `href` and `rel` of links, `dir`, `start` of ol, `class="language-..."` of code. Takes a few milliseconds
 * at most, whatever the text.
 */
export function render(markdown: string): string {
  return sanitise(parseMarkdown(markdown));
}

/** Whether nothing of this output of `render` can be seen, such as that of a link definition alone. */
export function isBlank(html: string): boolean {
  return !hasVisible(html.replace(/<[^>]*>/g, ''));
}
