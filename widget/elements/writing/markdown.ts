// Makes Markdown of rich text that is pasted, and of what is quoted from a reply. Pasted HTML is parsed apart from the page,
// where nothing of it runs or loads; only text comes out of it. Owns the dialect that comes out: what a reply understands
// (docs/decisions/0003).

import { parsedApart } from '../safe-html.js';
import { addressed } from './commands.js';

/** What is more than plain text; word processors say some of it by styles alone. */
const RICH =
  'a[href],b,strong,i,em,s,del,code,pre,ul,ol,blockquote,h1,h2,h3,h4,h5,h6,tr,' +
  ['mso-list', 'italic', 'weight:b', 'weight: b', 'weight:7', 'weight: 7'].map((sign) => `[style*="${sign}"]`).join();

/** Markdown of this HTML; null where there is nothing in it but plain text. */
export function fromHtml(html: string): string | null {
  const { body } = parsedApart(html);
  return body.querySelector(RICH) ? fromNodes(body) || null : null;
}

/** Markdown of what is in this element or fragment. */
export function fromNodes(parent: Node): string {
  return (
    blocks(parent)
      // What was bold in two pieces.
      .replace(/(?<![\\*])\*{4}(?!\*)/g, '')
      .replace(/[ \t]+\n/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
  );
}

const SKIPPED = /^(?:SCRIPT|STYLE|TEMPLATE|NOSCRIPT|HEAD|META|LINK|TITLE|IFRAME|OBJECT|SVG|MATH)$/i;
const BLOCK = /^(?:P|DIV|SECTION|ARTICLE|HEADER|FOOTER|MAIN|ASIDE|TABLE|DL|DT|DD|FIGURE|FIGCAPTION|ADDRESS|FORM)$/;

/** The children one after another, each block with an empty line around it. */
function blocks(parent: Node): string {
  return Array.from(parent.childNodes, block).join('');
}

function block(node: Node): string {
  if (!(node instanceof Element)) return inline(node);
  const tag = node.nodeName;
  if (SKIPPED.test(tag)) return '';
  if (/^H[1-6]$/.test(tag)) return around(marked('**', inlines(node)));
  if (tag === 'PRE') return around(`\`\`\`\n${node.textContent.replace(/\n$/, '')}\n\`\`\``);
  if (tag === 'BLOCKQUOTE') return around(indented(blocks(node).trim(), '> ', '> '));
  if (tag === 'UL' || tag === 'OL') return around(list(node));
  if (tag === 'HR') return around('---');
  // Mails are laid out in tables of one cell a row.
  if (tag === 'TR') return node.childElementCount > 1 ? row(node) : around(blocks(node));
  const level = /mso-list:[^;]*\blevel(\d)/.exec(styleOf(node))?.[1];
  if (level) return officeItem(node, Number(level));
  return BLOCK.test(tag) ? around(blocks(node)) : inline(node);
}

const around = (text: string): string => (text.trim() ? `\n\n${text.trim()}\n\n` : '');

function indented(text: string, first: string, other: string): string {
  return text
    .split('\n')
    .map((line, i) => (i ? other : first) + line)
    .join('\n');
}

/** A list right in a list belongs to the item before it, as word processors have it. */
function list(node: Element): string {
  const start = Number(node.getAttribute('start') ?? 1) || 1;
  const items: string[] = [];
  let sign = '- ';
  for (const child of node.childNodes) {
    const isItem = child.nodeName === 'LI';
    const text = (isItem ? blocks(child) : block(child)).trim().replace(/\n{2,}/g, '\n');
    if (isItem) sign = node.nodeName === 'OL' ? `${start + items.length}. ` : '- ';
    const indent = ' '.repeat(sign.length);
    if (isItem || (text && !items.length)) items.push(indented(text, sign, indent));
    else if (text) items.push(`${items.pop()!}\n${indented(text, indent, indent)}`);
  }
  return items.join('\n');
}

/** A list item of Word: a paragraph that shows its own sign and tells its level, from 1 on. */
function officeItem(node: Element, level: number): string {
  const shown = Array.from(node.querySelectorAll('[style]')).find((part) => IGNORED.test(styleOf(part)));
  const number = /^\s*\(?(\d+|[a-z]{1,4})[.)]/i.exec(shown?.textContent ?? '')?.[1];
  const sign = number ? `${Number(number) || 1}. ` : '- ';
  const indent = ' '.repeat(3 * (level - 1));
  return `\n${indented(inlines(node).trim(), indent + sign, indent + ' '.repeat(sign.length))}`;
}

/** A table is told line by line: replies have none. */
function row(node: Element): string {
  return `\n${Array.from(node.children, (cell) =>
    blocks(cell)
      .trim()
      .replace(/\s*\n\s*/g, ' '),
  ).join(' | ')}`;
}

function inlines(parent: Node): string {
  return Array.from(parent.childNodes, inline).join('');
}

const isBlock = ({ nodeName }: Node): boolean =>
  BLOCK.test(nodeName) || /^(?:UL|OL|TR|PRE|BLOCKQUOTE|H[1-6])$/.test(nodeName);
const styleOf = (node: Element): string => node.getAttribute('style') ?? '';
/** The sign that Word shows before a list item. */
const IGNORED = /mso-list:\s*Ignore/i;
const BOLD = /(?:^|;)\s*font-weight:\s*(?:bold|[6-9]00)/i;
/** Google Docs wraps all that it gives in a <b> that is none. */
const PLAIN = /(?:^|;)\s*font-weight:\s*(?:normal|[1-5]00)/i;
const ITALIC = /(?:^|;)\s*font-style:\s*italic/i;
const STRUCK = /(?:^|;)\s*text-decoration[^;]*line-through/i;

function inline(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return escaped((node.nodeValue ?? '').replace(/\s+/g, ' '));
  if (!(node instanceof Element) || SKIPPED.test(node.nodeName) || IGNORED.test(styleOf(node))) return '';
  const name = node.nodeName;
  switch (name) {
    case 'BR':
      return '\n';
    case 'CODE':
      return marked('`', node.textContent.replace(/\s+/g, ' '));
    case 'A':
      return anchor(node);
    case 'IMG': {
      const alt = node.getAttribute('alt')?.trim();
      const space = (beside: Node | null): string => (beside && !isBlock(beside) ? ' ' : '');
      return alt ? space(node.previousSibling) + escaped(alt) + space(node.nextSibling) : '';
    }
  }
  if (isBlock(node)) return block(node);
  const style = styleOf(node);
  // A mark goes around one paragraph only.
  let text = blocks(node);
  if (text.includes('\n\n')) return text;
  if (/^(?:S|DEL|STRIKE)$/.test(name) || STRUCK.test(style)) text = marked('~~', text);
  if (/^(?:I|EM)$/.test(name) || ITALIC.test(style)) text = marked('*', text);
  if ((/^(?:B|STRONG)$/.test(name) && !PLAIN.test(style)) || BOLD.test(style)) text = marked('**', text);
  return text;
}

function anchor(node: Element): string {
  const text = inlines(node).trim();
  const href = node.getAttribute('href') ?? '';
  if (!text || !/^(?:https?:\/\/|mailto:)/i.test(href)) return text;
  return text === href ? href : `[${text}](${addressed(href)})`;
}

/** Signs touch the words that they mark: white space goes outside. What is marked so already stays as it is. */
function marked(sign: string, text: string): string {
  const inner = text.trim();
  const stars = sign.startsWith('*') ? /^\**/.exec(inner)![0].length : 0;
  if (!inner || (stars && inner.endsWith('*'.repeat(stars)) && (stars === sign.length || stars === 3))) return text;
  const at = text.indexOf(inner);
  return text.slice(0, at) + sign + inner + sign + text.slice(at + inner.length);
}

/** Signs that would mean something stand for themselves. */
function escaped(text: string): string {
  return text.replace(/[\\`*[\]]|(?<=^|\s)[_~]+(?=\S)/g, '\\$&');
}
