// Which languages there are, and which one a page gets. Each but English is a file of its own, loaded when asked for.
import type { Translation } from './catalogue.js';
import { READING } from './en.js';
import { Words } from './words.js';

const LANGUAGES: Record<string, () => Promise<{ CATALOGUE: Translation }>> = {
  ar: () => import('./ar.js'),
  de: () => import('./de.js'),
  es: () => import('./es.js'),
  fa: () => import('./fa.js'),
  fr: () => import('./fr.js'),
};

/** English as far as the first download goes. */
export const ENGLISH = new Words('en', READING);

/**
 * The words for the first of these language tags (such as `de-AT`) that is spoken here; English for none, and where the
 * file can't be fetched. Keeps the region, which decides how dates are written.
 */
export async function wordsFor(...tags: readonly string[]): Promise<Words> {
  for (const tag of tags) {
    const [, language = '', region = ''] = /^([a-z]{2})(-[a-z]{2}\b)?/.exec(tag.toLowerCase()) ?? [];
    // oxlint-disable-next-line no-await-in-loop -- the next is asked for only where this one is not spoken
    const found = await LANGUAGES[language]?.().catch(() => undefined);
    if (found) return new Words(language + region, found.CATALOGUE);
    if (language === 'en') return new Words(language + region, READING);
  }
  return ENGLISH;
}
