// Owns what becomes of the parsed text inside a block: links and images, emphasis in emphasis, bidi controls left open.
// Works on markdown-it's inline tokens; writes no HTML itself.
import type { StateCore, Token } from 'markdown-it';
import { BODY_MAX } from '../../shared/limits.js';
import { closers, isReordered } from './render-bidi.js';
import { hostOf, LINK_REL, unseenHost } from './render-links.js';
import { splitMentions, type Mentions } from './render-mentions.js';
import { hasVisible } from './text.js';

/** Characters of addresses in one reply: a definition may be long and used a thousand times. Later links are plain text. */
const HREFS_MAX = 4 * BODY_MAX;

type Inline = (children: readonly Token[], options: { bold: boolean }) => Token[];

/** Makes the function that finishes one block's inline tokens after another, for one reply. */
export function createInline(state: StateCore): Inline {
  let hrefsLeft = HREFS_MAX;
  const { mentions } = state.env as { mentions: Mentions };

  function make(type: string, tag: string, nesting: -1 | 0 | 1, content = ''): Token {
    const token = new state.Token(type, tag, nesting);
    token.content = content;
    return token;
  }

  /** The opening tag of a link, or null where there is nothing to link to (any more). */
  function linkTo(href: string): Token | null {
    // The host may be written beside it.
    if (href === '' || 2 * href.length > hrefsLeft) return null;
    hrefsLeft -= 2 * href.length;
    const open = make('link_open', 'a', 1);
    open.attrs = [
      ['href', href],
      ['rel', LINK_REL],
    ];
    return open;
  }

  return (children, { bold }) => {
    const out: Token[] = [];
    /** How many elements of each tag are open: emphasis in the same emphasis says nothing and may be nested without end. */
    const depths = new Map<string, number>();
    /** The links that are open and where their text begins; null for one that is left out, as a link in a link. */
    const links: ({ href: string; start: number } | null)[] = [];
    let text = '';

    function add(token: Token): void {
      out.push(token);
      text += token.content;
    }
    function nest(token: Token): void {
      const depth = depths.get(token.tag) ?? 0;
      depths.set(token.tag, depth + token.nesting);
      if (token.nesting === 1 ? depth === 0 : depth === 1) add(token);
    }
    function prose(token: Token): void {
      for (const [i, part] of splitMentions(token.content, mentions).entries()) {
        if (i % 2 === 1) add(make('bdi_open', 'bdi', 1));
        if (part !== '') add(make('text', '', 0, part));
        if (i % 2 === 1) add(make('bdi_close', 'bdi', -1));
      }
    }
    function isLinked(): boolean {
      return links.some((link) => link !== null);
    }
    function openLink(href: string): void {
      const open = isLinked() ? null : linkTo(href);
      if (open) add(open);
      links.push(open && { href, start: text.length });
    }
    function closeLink(): void {
      const link = links.pop();
      if (!link) return;
      // Nothing to read is nothing to press. Behind controls that turn letters round the same text shows another host.
      const host = isReordered(text) ? hostOf(link.href) : unseenHost(link.href, text.slice(link.start));
      if (!hasVisible(text.slice(link.start))) add(make('text', '', 0, link.href));
      else if (host !== null) {
        add(make('text', '', 0, ' '));
        const open = make('small_open', 'small', 1);
        // Which sets it apart from whatever turns letters round here.
        open.attrs = [['dir', 'ltr']];
        add(open);
        add(make('text', '', 0, host));
        add(make('small_close', 'small', -1));
      }
      add(make('link_close', 'a', -1));
    }
    function image(token: Token): void {
      const source = String(token.attrGet('src') ?? '');
      const alt = state.md.renderer.renderInlineAsText(token.children ?? [], state.md.options, state.env);
      openLink(source);
      add(make('text', '', 0, hasVisible(alt) ? alt : source));
      closeLink();
    }

    if (bold) nest(make('strong_open', 'strong', 1));
    for (const token of children) {
      if (token.type === 'link_open') openLink(String(token.attrGet('href') ?? ''));
      else if (token.type === 'link_close') closeLink();
      else if (token.type === 'image') image(token);
      else if (token.nesting !== 0) nest(token);
      else if (token.type === 'text' && !isLinked()) prose(token);
      else add(token);
    }
    if (bold) nest(make('strong_close', 'strong', -1));
    const open = closers(text);
    if (open) add(make('text', '', 0, open));
    return out;
  };
}
