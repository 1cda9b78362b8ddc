// Every language says everything, with the values and the plural forms that it needs, and nothing is said in vain.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../shared/errors.js';
import type { Catalogue, Message, Translation } from '../../widget/i18n/catalogue.js';
import { ACTING } from '../../widget/i18n/en-acting.js';
import { READING } from '../../widget/i18n/en.js';
import { COMPOSING } from '../../widget/i18n/en-composing.js';
import { SHEETS } from '../../widget/i18n/en-sheets.js';
import { TOOLS } from '../../widget/i18n/en-tools.js';
import { WRITING } from '../../widget/i18n/en-writing.js';
import { SPOKEN, wordsFor as wordsBy } from '../../widget/i18n/languages.js';
import { Words } from '../../widget/i18n/words.js';

const en: Catalogue = { ...READING, ...WRITING, ...TOOLS, ...SHEETS, ...COMPOSING, ...ACTING };
const keys = Object.keys(en) as (keyof Catalogue)[];
const widget = resolve(import.meta.dirname, '../../widget');

const load = (code: string) => import(join(widget, 'i18n', `${code}.ts`)) as Promise<{ CATALOGUE: Translation }>;
const spoken = await Promise.all(SPOKEN.map(async (code) => [code, (await load(code)).CATALOGUE] as const));
const languages: Record<string, Translation> = { en, ...Object.fromEntries(spoken) };

const forms = (message: Message) => (typeof message === 'string' ? { other: message } : message);
const values = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted((a, b) => (a! < b! ? -1 : 1));

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.endsWith('i18n'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** From the sources, as the build's files come from the server. */
const wordsFor = (...tags: string[]) => wordsBy(load, ...tags);

it('every language that is offered is tested here', async () => {
  const files = readdirSync(join(widget, 'i18n')).filter((name) => /^[a-z]{2}(-[a-z]{4})?\.ts$/.test(name));
  expect(files).toEqual(
    Object.keys(languages)
      .map((code) => `${code}.ts`)
      .toSorted(),
  );
  for (const code of Object.keys(languages)) expect((await wordsFor(code)).lang).toBe(code);
});

describe.each(Object.entries(languages))('%s', (code, catalogue) => {
  it('says everything and nothing else', () => {
    expect(Object.keys(catalogue).sort()).toEqual([...keys].sort());
    for (const key of keys)
      for (const text of Object.values(forms(catalogue[key] ?? ''))) expect(text, key).not.toBe('');
  });

  it('uses the values that English uses', () => {
    for (const key of keys) {
      const expected = values(forms(en[key]).other);
      // A form for exactly one, two or nothing may say the number in words.
      for (const [form, text] of Object.entries(forms(catalogue[key] ?? ''))) {
        const found = values(text);
        const needed = /^(0|zero|one|two)$/.test(form) ? expected.filter((name) => name !== 'n') : expected;
        expect(found, `${key} ${form}`).toEqual(expect.arrayContaining(needed));
        expect(expected, `${key} ${form}`).toEqual(expect.arrayContaining(found));
      }
    }
  });

  it('has every plural form that its language has', () => {
    const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const key of keys) {
      const message = catalogue[key] ?? '';
      // English has one and other everywhere; what is plural there is plural here.
      if (typeof en[key] === 'string') continue;
      expect(Object.keys(forms(message)), key).toEqual(expect.arrayContaining(categories));
    }
  });
});

it('everything that is said somewhere is in the catalogue, and nothing in the catalogue is never said', () => {
  const code = sources(widget);
  const said = new Set([...code.matchAll(/'([a-z][A-Za-z.]*)'|`error\.\$\{/g)].map(([, key]) => key));
  // Badges are said by the value that the server sends, choices by their own.
  const byValue = /^(?:owner|moderator|(?:sort|pace|saver)\..+|error\..+)$/;
  const unused = keys.filter((key) => !said.has(key) && !byValue.test(key));
  expect(unused).toEqual([]);
  const asked = [...code.matchAll(/\bsay\(\s*'([^']+)'/g)].map(([, key]) => key);
  expect(asked.filter((key) => !keys.includes(key as keyof Catalogue))).toEqual([]);
});

it('every error code has words', () => {
  for (const code of Object.keys(ERRORS)) expect(en[`error.${code}` as keyof Catalogue], code).toBeTruthy();
});

it('[PAGE3] counts as the contract says', () => {
  const words = new Words('en', en);
  const heading = (n: number) => words.say('heading', { n, title: 'Title' });
  expect(heading(0)).toBe('No replies yet on “Title”');
  expect(heading(1)).toBe('1 reply on “Title”');
  expect(heading(7)).toBe('7 replies on “Title”');
  expect(words.say('arrivals', { n: 1 })).toBe('Show 1 new reply');
  expect(words.say('arrivals', { n: 3 })).toBe('Show 3 new replies');
  expect(words.say('more', { n: 12 })).toBe('Show 12 more replies');
  expect(words.say('moreInBranch', { n: 3 })).toBe('Show 3 more in this branch');
});

it('a title can say anything without being taken for a value', () => {
  expect(new Words('en', en).say('heading', { n: 2, title: '{n} $& {title}' })).toBe('2 replies on “{n} $& {title}”');
});

it('numbers are written in the language’s digits', () => {
  expect(new Words('fa', languages.fa!).say('arrivals', { n: 12 })).toContain('۱۲');
  expect(new Words('en', en).say('arrivals', { n: 1200 })).toContain('1,200');
});

it('what comes later adds to what was known and does not replace it', () => {
  const words = new Words('en', READING);
  expect(words.say('post')).toBe('');
  expect(words.with({ ...WRITING, reply: 'Never' }).say('post')).toBe('Post reply');
  expect(words.with({ ...WRITING, reply: 'Never' }).say('reply')).toBe('Reply');
});

it('a page gets its language, the region kept, and English where its language is not spoken', async () => {
  const given = async (tag: string) => {
    const { lang, dir } = await wordsFor(tag);
    return [lang, dir];
  };
  expect(await given('de-AT')).toEqual(['de-at', 'ltr']);
  expect(await given('ar')).toEqual(['ar', 'rtl']);
  expect(await given('FA_ir')).toEqual(['fa', 'rtl']);
  expect(await given('en-GB')).toEqual(['en-gb', 'ltr']);
  expect(await given('pt-BR')).toEqual(['pt-br', 'ltr']);
  expect(await given('he-IL')).toEqual(['he-il', 'rtl']);
  for (const tag of ['zh', 'zh-CN', 'zh-Hans-SG']) expect(await given(tag)).toEqual(['zh-hans', 'ltr']);
  for (const tag of ['zh-TW', 'zh-Hant', 'zh_HK']) expect(await given(tag)).toEqual(['zh-hant', 'ltr']);
  expect(await given('tlh')).toEqual(['en', 'ltr']);
  expect(await given('')).toEqual(['en', 'ltr']);
  expect(await given('"><script>')).toEqual(['en', 'ltr']);
});
