// Owns how a bare address in a text becomes a link. A scanner of our own, because linkify-it knows `www.` only together
// with README.md, and looks at hostile text twenty times as long: this one looks at each character a bounded number of times.
import type { MarkdownIt, StateInline } from 'markdown-it';
import { URL_MAX } from '../../shared/limits.js';
import { safeHref } from './render-links.js';

/** Not in the middle of a word or of another address. Scripts without spaces between words may stand before it. */
const START = '(?<![\\w@/.-])(?:https?://|www\\.)';
/** What no address holds unescaped, and the punctuation of Chinese and Japanese, which would run on into it. */
const OUTSIDE = '\\s<>\\[\\]{}|\\\\^`"\\p{Cc}\\p{Cf}“”«»…\\u3000-\\u303f\\uff01-\\uff0f\\uff1a-\\uff20';
/** Of a host with its port; a name has at most 253 characters. */
const HOST_MAX = 260;
/** What ends a sentence or an emphasis rather than an address. */
const TRAILING = /[.,:;!?'*_~)’]$/u;

/** Markdown's own signs, where the parser has to look again. */
const SIGNS = '\\n!#$%&*+\\-:<=>@\\[\\\\\\]^_`{}~';

/**
 * Makes `https://...`, `http://...` and `www....` links. No bare `name.tld`, which would link README.md, and no e-mail
 * addresses, which their owners may not have written. Replaces the parser's rule for plain text with one that stops
 * before each of them.
 */
export function linkAddresses(md: MarkdownIt): void {
  const address = new RegExp(
    `${START}[^${OUTSIDE}/?#]{1,${HOST_MAX}}(?![^${OUTSIDE}/?#])(?:[/?#][^${OUTSIDE}]{0,${URL_MAX}})?`,
    'iuy',
  );
  const stop = new RegExp(`[${SIGNS}]|${START}`, 'giu');

  md.inline.ruler.at('text', (state, silent) => {
    stop.lastIndex = state.pos;
    const end = Math.min(stop.exec(state.src)?.index ?? state.posMax, state.posMax);
    if (end === state.pos) return false;
    if (!silent) state.pending += state.src.slice(state.pos, end);
    state.pos = end;
    return true;
  });

  md.inline.ruler.before('text', 'address', (state, silent) => {
    if (state.linkLevel > 0) return false;
    address.lastIndex = state.pos;
    const found = address.exec(state.src)?.[0];
    if (found === undefined) return false;
    if (found.length > URL_MAX) {
      // Taken as text, all of it: else each address inside it would be scanned to its end again.
      if (!silent) state.pending += found;
      state.pos += found.length;
      return true;
    }
    const text = trimmed(found);
    const href = hrefOf(text);
    if (href === null) return false;
    if (!silent) push(state, href, text);
    state.pos += text.length;
    return true;
  });
}

function push(state: StateInline, href: string, text: string): void {
  state.push('link_open', 'a', 1).attrs = [['href', href]];
  state.push('text', '', 0).content = text;
  state.push('link_close', 'a', -1);
}

function hrefOf(text: string): string | null {
  if (!/^www\./i.test(text)) return safeHref(text);
  return /^www\.[^./]+\.[^./]/i.test(text) ? safeHref(`http://${text}`) : null;
}

/** Without the punctuation behind it; a closing parenthesis stays where the address opened it. */
function trimmed(found: string): string {
  let unopened = found.split(')').length - found.split('(').length;
  let end = found.length;
  while (TRAILING.test(found.slice(end - 1, end))) {
    if (found[end - 1] === ')' && unopened-- <= 0) break;
    end--;
  }
  return found.slice(0, end);
}
