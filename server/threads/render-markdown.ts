// Owns the dialect: which Markdown a reply understands, and the bounds that keep any text cheap. What becomes of the
// parsed tokens is in render-tokens.ts; what may leave at all in render-sanitise.ts.
import MarkdownIt from 'markdown-it';
import type { StateBlock, Token } from 'markdown-it';
import { BODY_MAX } from '../../shared/limits.js';
import { linkAddresses } from './render-addresses.js';
import { balanced } from './render-bidi.js';
import { safeHref } from './render-links.js';
import type { Mentions } from './render-mentions.js';
import { finish } from './render-tokens.js';

/**
 * Containers around a block, a list counting twice (the list and its item). Deeper than that everything is a paragraph,
 * so that nothing written is lost and a line of ten thousand `>` costs no more than any other.
 */
const LEVEL_MAX = 12;
/** Brackets inside brackets. Must exceed `LEVEL_MAX`, because the parser drops blocks that are nested more deeply. */
const NESTING_MAX = 20;
/** A body of more lines has fewer than ten characters on each: no prose, and each line may cost as much as a page. */
const LINES_MAX = 1_000;
/** Each bracket may make the parser look at all that follows it. */
const BRACKETS_MAX = 400;
/** Ordinary bodies grow by half. */
const HTML_MAX = 6 * BODY_MAX;
/** A language as a class: nothing but this may come out of what stands behind a fence. */
const LANGUAGE = /^[a-z0-9+-]{1,20}(?!\S)/;

const parser = createParser();

/** HTML of a body, not yet to be trusted. What would cost too much or grow too long comes out as plain text. */
export function parseMarkdown(markdown: string, mentions: Mentions): string {
  if (exceeds(markdown, '\n', LINES_MAX) || exceeds(markdown, '[', BRACKETS_MAX)) return plain(markdown);
  const html = parser.render(markdown, { mentions }).trimEnd();
  return html.length > HTML_MAX ? plain(markdown) : html;
}

function exceeds(text: string, sign: string, max: number): boolean {
  return text.split(sign, max + 2).length > max + 1;
}

function plain(text: string): string {
  return `<p dir="auto">${parser.utils.escapeHtml(balanced(text)).replaceAll('\n', '<br>\n')}</p>`;
}

function createParser(): InstanceType<typeof MarkdownIt> {
  const md = new MarkdownIt({ html: false, linkify: false, breaks: true, maxNesting: NESTING_MAX });
  // No tables. No underlined headings: people draw a line below a sentence to end it, not to make it a title.
  md.disable(['table', 'lheading']);
  md.block.ruler.before('code', 'too_deep', tooDeep);
  // A quote ends with its last `>`: people answer on the next line. (It also costs the parser's laziness its square.)
  md.block.ruler.before('code', 'not_quoted', (_state, _start, _end, silent) => silent, { alt: ['blockquote'] });
  md.core.ruler.push('finish', finish);
  linkAddresses(md);
  md.renderer.rules.fence = codeBlock;
  md.renderer.rules.code_block = codeBlock;

  md.validateLink = (address) => safeHref(address) !== null;
  md.normalizeLink = (address) => safeHref(address) ?? address;
  // As typed: a decoded `xn--` host could pass for another.
  md.normalizeLinkText = (address) => address;
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
