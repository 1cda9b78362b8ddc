// Owns what becomes of the parsed text inside a block: links and images, emphasis in emphasis, bidi controls left open.
// Works on markdown-it's inline tokens; writes no HTML itself.
import type { StateCore, Token } from 'markdown-it';
import { BODY_MAX, TITLE_MAX } from '../../shared/limits.js';
import { closers, isReordered } from './render-bidi.js';
import { hostOf, isAddress, LINK_REL, unseenHost } from './render-links.js';
import { splitMentions, type Mentions } from './render-mentions.js';
import { hasVisible, withoutGaps } from './text.js';

/** Characters of addresses in one reply: a definition may be long and used a thousand times. Later links are plain text. */
const HREFS_MAX = 4 * BODY_MAX;

/** Of what can be pressed, so that the host behind it is in sight with it: as much as the title of a page may have. */
const LINK_TEXT_MAX = TITLE_MAX;

interface OpenLink {
  href: string;
  token: Token;
  /** Where its text begins. */
  start: number;
  narrowed: (text: string) => string;
}

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
    /** The links that are open; null for one that is left out, as a link in a link. */
    const links: (OpenLink | null)[] = [];
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
    function openedLink(): OpenLink | null {
      return links.find((link) => link !== null) ?? null;
    }
    /** In a link: on one line, and without gaps that would push its host away. */
    function label({ narrowed }: OpenLink, token: Token): void {
      token.content = narrowed(token.type.endsWith('break') ? ' ' : token.content);
      if (token.type.endsWith('break')) token.type = 'text';
      if (token.content !== '') add(token);
    }
    function openLink(href: string): void {
      const token = openedLink() ? null : linkTo(href);
      if (token) add(token);
      links.push(token && { href, token, start: text.length, narrowed: withoutGaps() });
    }
    function closeLink(): void {
      const link = links.pop();
      if (!link) return;
      const { href, token, start } = link;
      const shown = text.slice(start);
      if (shown.length > LINK_TEXT_MAX && !isAddress(href, shown)) {
        // Text, then its address as the link: nobody presses what stands far from where it leads.
        out.splice(out.indexOf(token), 1);
        add(make('text', '', 0, ' '));
        add(token);
        endLink(href, '');
      } else endLink(href, shown);
    }
    function endLink(href: string, shown: string): void {
      // Nothing to read is nothing to press. Behind controls that turn letters round the same text shows another host.
      const isBare = !hasVisible(shown);
      if (isBare) add(make('text', '', 0, href));
      const host = isReordered(text) ? hostOf(href) : unseenHost(href, isBare ? href : shown);
      if (host !== null) {
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
      const words = make('text', '', 0, hasVisible(alt) ? alt : source);
      const link = openedLink();
      if (link) label(link, words);
      else add(words);
      closeLink();
    }

    if (bold) nest(make('strong_open', 'strong', 1));
    for (const token of children) {
      const link = openedLink();
      if (token.type === 'link_open') openLink(String(token.attrGet('href') ?? ''));
      else if (token.type === 'link_close') closeLink();
      else if (token.type === 'image') image(token);
      else if (token.nesting !== 0) nest(token);
      else if (link) label(link, token);
      else if (token.type === 'text') prose(token);
      else add(token);
    }
    if (bold) nest(make('strong_close', 'strong', -1));
    const open = closers(text);
    if (open) add(make('text', '', 0, open));
    return out;
  };
}
