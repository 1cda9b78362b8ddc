// Owns which texts are accepted as they come from outside: bodies, titles, notes, keys, addresses. Throws `invalid` with
// the field named (REQ3) and otherwise keeps what was written. Knows nothing of Markdown.
import { invalid } from '../../shared/errors.js';
import { BODY_MAX, KEY_MAX, NOTE_MAX, TITLE_MAX, URL_MAX } from '../../shared/limits.js';

/**
 * What leaves no mark on screen: white space, controls, what fonts ignore by default (Hangul fillers and variation selectors
 * among them), the empty braille cell, blank hieroglyphs and the empty note. As a part of a class of characters.
 */
const BLANKS =
  '\\p{White_Space}\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cf}\\p{Noncharacter_Code_Point}\\u2800\\u{13441}\\u{13442}\\u{1d159}';
/** Those that take room all the same, or may with some font. */
const WIDE = /[\p{White_Space}\u115f\u1160\u2800\u3164\uffa0\u{13441}\u{13442}\u{1d159}]/u;
const BLANK = new RegExp(`[${BLANKS}]`, 'u');
/** What may stand between two signs and take no room: the six that make the flag of a region of a black one are the most. */
const JOINERS_MAX = 8;

/** Nor is a combining mark without a base seen. Unassigned and private characters are: newer emoji than ours, fonts of their own. */
const VISIBLE = new RegExp(`[^${BLANKS}\\p{Cs}\\p{M}]`, 'u');

/** C0 and C1 controls but tab and line feed. */
const CONTROL = /(?![\t\n])\p{Cc}/u;
const CONTROL_OR_BREAK = /[\p{Cc}\u2028\u2029]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether anything in this text leaves a mark on screen. */
export function hasVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/**
 * Makes the function that takes the gaps out of one text after another, as if they were one: of what takes room one blank
 * between what is seen, and of what takes none no more than a sign may be made of.
 */
export function withoutGaps(): (text: string) => string {
  let wide = 0;
  let narrow = 0;
  const isKept = (sign: string): boolean => {
    if (!BLANK.test(sign)) return (wide = narrow = 0) === 0;
    return WIDE.test(sign) ? wide++ === 0 : narrow++ < JOINERS_MAX;
  };
  return (text) => Array.from(text).filter(isKept).join('');
}

/**
 * A reply's Markdown as it is kept: lines end in `\n`, blank lines around it are gone, everything else stands as written.
 * At most `BODY_MAX` UTF-16 code units after that.
 */
export function checkBody(body: string): string {
  // Measured first, so that nothing scans a body of a megabyte; a break may still shrink from two characters to one.
  if (body.length > 2 * BODY_MAX) throw tooLong('body', BODY_MAX);
  const text = body
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
  if (text.length > BODY_MAX) throw tooLong('body', BODY_MAX);
  checkCharacters('body', text, CONTROL);
  if (!hasVisible(text)) throw invalid('body', 'A reply needs some text.');
  return text;
}

/** A page's title on one line, white space collapsed; null where nothing of it can be seen. */
export function checkTitle(title: string): string | null {
  if (title.length > 4 * TITLE_MAX) throw tooLong('title', TITLE_MAX);
  const text = title.replace(/\s+/gu, ' ').trim();
  if (text.length > TITLE_MAX) throw tooLong('title', TITLE_MAX);
  checkCharacters('title', text, CONTROL);
  return hasVisible(text) ? text : null;
}

/** What somebody tells the moderators; may be empty. */
export function checkNote(note: string): string {
  if (note.length > 2 * NOTE_MAX) throw tooLong('note', NOTE_MAX);
  const text = note.replace(/\r\n?/g, '\n').trim();
  if (text.length > NOTE_MAX) throw tooLong('note', NOTE_MAX);
  checkCharacters('note', text, CONTROL);
  return text;
}

/** A thread's key, exactly as given: it is compared, so nothing about it is changed. */
export function checkKey(key: string): string {
  if (key.length > KEY_MAX) throw tooLong('key', KEY_MAX);
  checkCharacters('key', key, CONTROL_OR_BREAK);
  if (!hasVisible(key)) throw invalid('key', 'The key is empty.');
  return key;
}

/** A page's address: absolute, http or https, without user name or password. */
export function checkUrl(url: string): string {
  if (url.length > URL_MAX) throw tooLong('url', URL_MAX);
  checkCharacters('url', url, CONTROL_OR_BREAK);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw invalid('url', 'An http or https address is needed.');
  if (parsed.username || parsed.password) throw invalid('url', 'The address holds a user name or password.');
  if (parsed.href.length > URL_MAX) throw tooLong('url', URL_MAX);
  return parsed.href;
}

function checkCharacters(field: string, text: string, refused: RegExp): void {
  if (refused.test(text)) throw invalid(field, 'Control characters are not accepted.');
  if (LONE_SURROGATE.test(text)) throw invalid(field, 'The text is not well-formed Unicode.');
}

function tooLong(field: string, max: number): Error {
  return invalid(field, `At most ${max} characters.`);
}
