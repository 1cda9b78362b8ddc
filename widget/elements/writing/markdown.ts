// Makes Markdown of rich text that is pasted, and of what is quoted from a reply. Pasted HTML is parsed apart from the page,
// where nothing of it runs or loads; only text comes out of it. Owns the dialect that comes out: what a reply understands
// (docs/decisions/0003).

import { parsedApart } from '../safe-html.js';

/** Markdown of this HTML; null where there is nothing in it but plain text. */
export function fromHtml(html: string): string | null {
  const { body } = parsedApart(html);
  if (!body.querySelector('a[href],b,strong,i,em,s,del,code,pre,ul,ol,blockquote,h1,h2,h3,h4,h5,h6')) return null;
  return fromNodes(body) || null;
}

/** Markdown of what is in this element or fragment. */
export function fromNodes(parent: Node): string {
  return blocks(parent)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const SKIPPED = /^(?:SCRIPT|STYLE|TEMPLATE|NOSCRIPT|HEAD|META|LINK|TITLE|IFRAME|OBJECT|SVG|MATH)$/i;
const BLOCK = /^(?:P|DIV|SECTION|ARTICLE|HEADER|FOOTER|MAIN|ASIDE|TABLE|TR|DL|DT|DD|FIGURE|FIGCAPTION|ADDRESS|FORM)$/;

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
  return BLOCK.test(tag) ? around(blocks(node)) : inline(node);
}

const around = (text: string): string => (text.trim() ? `\n\n${text.trim()}\n\n` : '');

function indented(text: string, first: string, other: string): string {
  return text
    .split('\n')
    .map((line, i) => (i ? other : first) + line)
    .join('\n');
}

function list(node: Element): string {
  const start = Number(node.getAttribute('start') ?? 1) || 1;
  const items = Array.from(node.children).filter(({ nodeName }) => nodeName === 'LI');
  return items
    .map((item, i) => {
      const sign = node.nodeName === 'OL' ? `${start + i}. ` : '- ';
      return indented(
        blocks(item)
          .trim()
          .replace(/\n{2,}/g, '\n'),
        sign,
        ' '.repeat(sign.length),
      );
    })
    .join('\n');
}

function inlines(parent: Node): string {
  return Array.from(parent.childNodes, inline).join('');
}

function inline(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return escaped((node.nodeValue ?? '').replace(/\s+/g, ' '));
  if (!(node instanceof Element) || SKIPPED.test(node.nodeName)) return '';
  switch (node.nodeName) {
    case 'BR':
      return '\n';
    case 'B':
    case 'STRONG':
      // Google Docs wraps all that it gives in a <b> that is none.
      return /font-weight:\s*normal/.test(node.getAttribute('style') ?? '')
        ? blocks(node)
        : marked('**', inlines(node));
    case 'I':
    case 'EM':
      return marked('*', inlines(node));
    case 'S':
    case 'DEL':
      return marked('~~', inlines(node));
    case 'CODE':
      return marked('`', node.textContent.replace(/\s+/g, ' '));
    case 'A':
      return anchor(node);
    case 'IMG':
      return escaped(node.getAttribute('alt') ?? '');
    default:
      return BLOCK.test(node.nodeName) || /^(?:UL|OL|PRE|BLOCKQUOTE|H[1-6])$/.test(node.nodeName)
        ? block(node)
        : blocks(node);
  }
}

function anchor(node: Element): string {
  const text = inlines(node).trim();
  const href = node.getAttribute('href') ?? '';
  if (!text || !/^(?:https?:\/\/|mailto:)/i.test(href)) return text;
  return text === href ? href : `[${text}](${href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** Signs touch the words that they mark: white space goes outside. */
function marked(sign: string, text: string): string {
  const inner = text.trim();
  if (!inner) return text;
  const at = text.indexOf(inner);
  return text.slice(0, at) + sign + inner + sign + text.slice(at + inner.length);
}

/** Signs that would mean something stand for themselves. */
function escaped(text: string): string {
  return text.replace(/[\\`*[\]]|(?<=^|\s)[_~]+(?=\S)/g, '\\$&');
}
