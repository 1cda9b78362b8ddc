// Owns the dialect: which Markdown a reply understands, and the bounds that keep any text cheap. What becomes of the
// parsed tokens is in render-tokens.ts; what may leave at all in render-sanitise.ts.
import MarkdownIt from 'markdown-it';
import type { StateBlock, Token } from 'markdown-it';
import { URL_MAX } from '../../shared/limits.js';
import { balanced } from './render-bidi.js';
import { safeHref } from './render-links.js';
import { finish } from './render-tokens.js';

/**
 * Containers around a block, a list counting twice (the list and its item). Deeper than that everything is a paragraph,
 * so that nothing written is lost and a line of ten thousand `>` costs no more than any other.
 */
const LEVEL_MAX = 16;
/** Brackets inside brackets. Must exceed `LEVEL_MAX`, because the parser drops blocks that are nested more deeply. */
const NESTING_MAX = 32;
/** A language as a class: nothing but this may come out of what stands behind a fence. */
const LANGUAGE = /^[a-z0-9+-]{1,20}(?!\S)/;

const parser = createParser();

/** HTML of a body, not yet to be trusted. */
export function parseMarkdown(markdown: string): string {
  return parser.render(markdown).trimEnd();
}

function createParser(): InstanceType<typeof MarkdownIt> {
  const md = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: NESTING_MAX });
  // No tables. No underlined headings: people draw a line below a sentence to end it, not to make it a title.
  md.disable(['table', 'lheading']);
  md.block.ruler.before('code', 'too_deep', tooDeep);
  md.core.ruler.push('finish', finish);
  md.renderer.rules.fence = codeBlock;
  md.renderer.rules.code_block = codeBlock;

  md.validateLink = (address) => safeHref(address) !== null;
  md.normalizeLink = (address) => safeHref(address) ?? address;
  // As typed: a decoded `xn--` host could pass for another.
  md.normalizeLinkText = (address) => address;

  // Addresses with their scheme, and `www.`; no bare `name.tld`, which would link README.md, nor people's e-mail addresses.
  md.linkify.set({ fuzzyEmail: false, fuzzyLink: false, maxLength: URL_MAX }).add('ftp:', null).add('//', null);
  const { re } = md.linkify;
  const rest = new RegExp(re.get_url_host_port().source + re.get_path().source, 'iy');
  md.linkify.add('www.', {
    validate(text, position) {
      rest.lastIndex = position;
      return rest.exec(text)?.[0].length ?? 0;
    },
    normalize(match) {
      match.url = `http://${match.url}`;
    },
  });
  return md;
}

/** A block rule before all others: below `LEVEL_MAX` whatever stands there is a paragraph, up to the next blank line. */
function tooDeep(state: StateBlock, startLine: number, endLine: number): boolean {
  if (state.level < LEVEL_MAX) return false;
  let line = startLine + 1;
  // A line that is indented less belongs to a container further out; a negative indent marks a lazy continuation.
  const goesOn = () => !state.isEmpty(line) && (state.sCount[line]! < 0 || state.sCount[line]! >= state.blkIndent);
  while (line < endLine && goesOn()) line++;
  state.line = line;
  state.push('paragraph_open', 'p', 1);
  const inline = state.push('inline', '', 0);
  inline.content = state.getLines(startLine, line, state.blkIndent, false).trim();
  inline.children = [];
  state.push('paragraph_close', 'p', -1);
  return true;
}

/** The renderer of fenced and of indented code. */
function codeBlock(tokens: Token[], index: number): string {
  const { info, content } = tokens[index]!;
  const language = LANGUAGE.exec(info.trim().toLowerCase())?.[0];
  const attribute = language ? ` class="language-${language}"` : '';
  return `<pre dir="auto"><code${attribute}>${parser.utils.escapeHtml(balanced(content))}</code></pre>\n`;
}
