// Owns what a guest may be called: how a name is cleaned, and which names would pass for somebody else's. Knows nothing
// of accounts; the names that a site reserves are told to it.
import { invalid } from '../../shared/errors.js';
import { NAME_MAX } from '../../shared/limits.js';
import { hasVisible } from '../threads/text.js';
import { LOOKALIKES } from './lookalikes.js';

/** Words that claim a role wherever they stand in a name: "Ann (Moderator)". */
const CLAIMS =
  'admin administrator moderator afterword webmaster admins administrators moderators moderation afterwords webmasters ' +
  'siteadmin sysadmin superadmin administrateur modérateur administrateurs modérateurs moderatorin administrador moderador ' +
  'amministratore moderatore администратор админ модератор 管理员 管理者 版主 مدیر مشرف מנהל';
/** Who runs a site. Some are words of other names as well. */
const STAFF = 'mod mods owner owners staff support system author authors editor editors editorial';
/** Words that claim a role when there is no other; in "Root Beer" they claim nothing. */
const TITLES = `${STAFF} root you removed`;
const ARTICLES = 'the this of';
const OF_SITES = 'site page blog team official verified';
/** Words that change nothing about whom a name claims to be: "The Owner". */
const FILLERS = `${ARTICLES} ${OF_SITES} real`;
/** Of these a name may not say more than the site's own: "Example Support". */
const ROLES = `${STAFF} ${OF_SITES}`;

/** Marks over one letter: of no script of their own (what "zalgo" text is made of), and of any. Hebrew needs three. */
const COMMON_MARKS_MAX = 2;
const MARKS_MAX = 4;

const SPACES = /[\s\u0085\u2800]+/gu;
const JOINING = 'Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Mymr Khmr'
  .split(' ')
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const PICTURE = '\\p{Extended_Pictographic}';
/** What can't be seen; the group catches the joiners and selectors that a script or an emoji needs where they stand. */
const INVISIBLE = new RegExp(
  `((?<=(?=\\p{L})[${JOINING}]\\p{M}*)[\\u200c\\u200d](?=\\p{L})(?=[${JOINING}])` +
    `|(?<=${PICTURE})\\ufe0f|(?<=${PICTURE}[\\ufe0f\\p{Emoji_Modifier}]?)\\u200d(?=${PICTURE}))` +
    '|[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]',
  'gu',
);

/**
 * A guest's name as it is kept: NFC, one line, white space collapsed, without controls, invisible characters and bidi
 * overrides, at most a few marks over one letter, 1 to `NAME_MAX` UTF-16 code units. Idempotent. Throws `invalid` with
 * the field `name`.
 */
export function normaliseName(raw: string): string {
  if (raw.length > 16 * NAME_MAX) throw tooLong();
  if (/\p{Surrogate}/u.test(raw)) throw invalid('name', 'The name is not well-formed Unicode.');
  const name = raw
    .replace(SPACES, ' ')
    .replace(INVISIBLE, '$1')
    .normalize('NFC')
    .replace(/(^| )\p{M}+/gu, '$1')
    .replace(/\p{M}{3,}/gu, fewMarks)
    .replace(SPACES, ' ')
    .trim()
    .normalize('NFC');
  if (!hasVisible(name)) throw invalid('name', 'Give a name that can be seen.');
  if (name.length > NAME_MAX) throw tooLong();
  return name;
}

/** What is left of a name for the eye: equal skeletons can pass for each other. */
export function skeleton(name: string): string {
  return merged(words(name).join(''));
}

/**
 * Whether a guest of this name would pass for one of the reserved names (the owner's, the moderators'), for a role such
 * as "admin", for this product, or with a role for the `site`, by a part of what it is called by: whatever the case, spaces,
 * punctuation, digits for letters and lookalikes.
 */
export function passesFor(name: string, reserved: readonly string[], site: readonly string[] = []): boolean {
  // "TheOwner" as well as "AdmIn".
  const spaced = name.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ');
  const taken = new Set([...claims, ...titles, ...reserved.map(skeleton), ...reserved.map(withoutArticles)]);
  taken.delete('');
  const parts = new Set(site.flatMap((called) => words(called).map(merged)));
  return [words(name), words(spaced)].some((said) => {
    const own = said.map(merged);
    return claimed(own, taken) || isOfSite(own, parts);
  });
}

function claimed(own: readonly string[], taken: ReadonlySet<string>): boolean {
  // "a d m i n Ann": letters that stand alone are read together.
  const spelled = own.map((word) => (word.length === 1 ? word : ` ${word} `)).join('');
  if ([...own, ...merged(spelled).split(' ')].some((word) => claims.has(word))) return true;
  const unfilled = own.filter((word) => !fillers.has(word));
  const untitled = unfilled.filter((word) => !titles.has(word));
  if (unfilled.length > 0 && untitled.length === 0) return true;
  return [own, unfilled, untitled].some((rest) => taken.has(merged(rest.join(''))));
}

/** Whether this is a role and nothing besides but words of the site's: "Demo Owner", "demoteam". */
function isOfSite(own: readonly string[], site: ReadonlySet<string>): boolean {
  const others = own.filter((word) => !fillers.has(word) && !titles.has(word));
  if (own.some((word) => roles.has(word)) && others.length > 0 && others.every((word) => site.has(word))) return true;
  const whole = own.join('');
  const telling = [...site].filter((word) => word.length >= 3 && !fillers.has(word) && !titles.has(word));
  return telling.some((word) => [...roles].some((role) => [word + role, role + word].includes(whole)));
}

function withoutArticles(name: string): string {
  return merged(
    words(name)
      .filter((word) => !articles.has(word))
      .join(''),
  );
}

/** The words of a name in plain Latin letters where it looks like them; its signs where there is no word. */
function words(name: string): string[] {
  const bare = name.normalize('NFKD').replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  const plain = Array.from(bare, (sign) => {
    const lower = sign.toLowerCase();
    return LOOKALIKES.get(sign) ?? LOOKALIKES.get(lower) ?? lower;
  }).join('');
  const found = plain.match(/[\p{L}\p{N}]+/gu) ?? plain.match(/\S+/gu);
  return found ?? [];
}

/** Pairs of letters that look like one. */
function merged(word: string): string {
  return word.replaceAll('rn', 'm').replaceAll('vv', 'w');
}

function fewMarks(marks: string): string {
  let common = 0;
  return Array.from(marks)
    .filter((mark) => !/\p{Script=Inherited}/u.test(mark) || ++common <= COMMON_MARKS_MAX)
    .slice(0, MARKS_MAX)
    .join('');
}

function tooLong(): Error {
  return invalid('name', `At most ${NAME_MAX} characters.`);
}

const claims: ReadonlySet<string> = skeletons(CLAIMS);
const titles: ReadonlySet<string> = skeletons(TITLES);
const fillers: ReadonlySet<string> = skeletons(FILLERS);
const roles: ReadonlySet<string> = skeletons(ROLES);
const articles: ReadonlySet<string> = skeletons(ARTICLES);

function skeletons(list: string): Set<string> {
  return new Set(list.split(' ').map(skeleton));
}
