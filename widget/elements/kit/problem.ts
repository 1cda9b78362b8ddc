// What went wrong, in words for the reader. Owns the choice of the words, not where they stand.
import type { ErrorBody } from '../../../shared/errors.js';
import type { Words } from '../../i18n/words.js';

/** A refused name is the only field that the reader gave beside the text, and has words of its own. */
export function problem(words: Words, { code, field }: ErrorBody): string {
  return field === 'name' ? words.say('nameRefused') : words.say(`error.${code}`);
}
