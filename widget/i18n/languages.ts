// Which languages there are, and which one a page gets. Each but English is a file of its own, loaded when asked for.
import type { Catalogue } from './catalogue.js';
import { READING } from './en.js';
import { Words } from './words.js';

const LANGUAGES: Record<string, () => Promise<{ CATALOGUE: Catalogue }>> = {
  ar: () => import('./ar.js'),
  de: () => import('./de.js'),
  es: () => import('./es.js'),
  fa: () => import('./fa.js'),
  fr: () => import('./fr.js'),
};

/** English as far as the first download goes. */
export const ENGLISH = new Words('en', READING);

/**
 * The words for a language tag such as `de-AT`; English for one that is not spoken here, and where the file can't be
 * fetched. Keeps the region, which decides how dates are written.
 */
export async function wordsFor(tag: string): Promise<Words> {
  const [, language = '', region = ''] = /^([a-z]{2})(-[a-z]{2}\b)?/.exec(tag.toLowerCase()) ?? [];
  const found = await LANGUAGES[language]?.().catch(() => undefined);
  if (found) return new Words(language + region, found.CATALOGUE);
  return new Words('en' + (language === 'en' ? region : ''), READING);
}
