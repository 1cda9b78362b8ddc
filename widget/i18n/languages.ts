// Which languages there are, and which one a page gets. Each but English is a file of its own, loaded when asked for.
import type { Translation } from './catalogue.js';
import { READING } from './en.js';
import { Words } from './words.js';

/** Each has a file of this name beside this one; the build gives all of them one hash (`vite.widget.config.ts`). */
export const SPOKEN = 'ar de es fa fr he hi it ja ko nl pl pt ru tr uk zh-hans zh-hant'.split(' ');

/** Fetches one of `SPOKEN`. */
export type Load = (language: string) => Promise<{ CATALOGUE: Translation }>;

/** English as far as the first download goes. */
export const ENGLISH = new Words('en', READING);

/**
 * The words for the first of these language tags (such as `de-AT`) that is spoken here; English for none, and where the
 * file can't be fetched. Keeps the region, which decides how dates are written. Chinese goes by its script: traditional
 * in Taiwan, Hong Kong and Macau and where it is asked for.
 */
export async function wordsFor(load: Load, ...tags: readonly string[]): Promise<Words> {
  for (const tag of tags) {
    let [, language = '', region = ''] = /^([a-z]{2})(-[a-z]{2}\b)?/.exec(tag.toLowerCase()) ?? [];
    if (language === 'zh') [language, region] = [/hant|tw|hk|mo/i.test(tag) ? 'zh-hant' : 'zh-hans', ''];
    if (language === 'en') return new Words(language + region, READING);
    if (!SPOKEN.includes(language)) continue;
    // oxlint-disable-next-line no-await-in-loop -- the next is asked for only where this one is not spoken
    const found = await load(language).catch(() => undefined);
    if (found) return new Words(language + region, found.CATALOGUE);
  }
  return ENGLISH;
}
