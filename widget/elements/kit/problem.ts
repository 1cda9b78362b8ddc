// What went wrong, in words for the reader. Owns the choice of the words, not where they stand.
import type { ErrorBody } from '../../../shared/errors.js';
import type { Words } from '../../i18n/words.js';
import type { Stage } from '../stage.js';

/** A refused name is the only field that the reader gave beside the text, and has words of its own. */
export function problem(words: Words, { code, field }: ErrorBody): string {
  return field === 'name' ? words.say('nameRefused') : words.say(`error.${code}`);
}

/** The same where the words for it, which come with what helps to write, may not be there yet. */
export async function why(stage: Stage, error: ErrorBody): Promise<string> {
  await stage.kit?.writing().catch(() => {});
  return problem(stage.words, error);
}
