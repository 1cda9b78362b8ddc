// Owns the allowlist of what may stand in a reply's HTML. The second wall: it assumes nothing about where the HTML comes
// from, and shares nothing with the parser but the question which addresses are safe.
import sanitizeHtml from 'sanitize-html';
import { LINK_REL, safeHref } from './render-links.js';

const TAGS = ['p', 'pre', 'blockquote', 'ul', 'ol', 'li', 'strong', 'em', 's', 'code', 'a', 'small', 'bdi', 'br', 'hr'];
/** Well above what the parser can reach. */
const NESTING_MAX = 48;

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: TAGS,
  // The names; the values are for `attributesOf` to decide.
  allowedAttributes: {
    ...Object.fromEntries(['p', 'pre', 'blockquote', 'ul', 'small'].map((tag) => [tag, ['dir']])),
    ol: ['dir', 'start'],
    code: ['class'],
    a: ['href', 'rel'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  nestingLimit: NESTING_MAX,
  transformTags: { '*': (tagName, given) => ({ tagName, attribs: attributesOf(tagName, given) }) },
  exclusiveFilter: (frame) => (frame.tag === 'a' && frame.attribs.href === undefined ? 'excludeTag' : false),
};

/** This HTML with nothing in it but the allowed elements and attributes. Idempotent. */
export function sanitise(html: string): string {
  return sanitizeHtml(html, OPTIONS);
}

function attributesOf(tag: string, given: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  const kept: sanitizeHtml.Attributes = {};
  const href = tag === 'a' ? safeHref(given.href ?? '') : null;
  if (href !== null) Object.assign(kept, { href, rel: LINK_REL });
  if (/^(?:auto|ltr|rtl)$/.test(given.dir ?? '')) kept.dir = given.dir!;
  if (/^\d{1,9}$/.test(given.start ?? '')) kept.start = given.start!;
  if (/^language-[a-z0-9+-]{1,20}$/.test(given.class ?? '')) kept.class = given.class!;
  return kept;
}
