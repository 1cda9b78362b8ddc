// What went wrong, in words for the reader. Owns the choice of the words, not where they stand.
import type { ErrorBody } from '../../../shared/errors.js';
import { hourOf } from '../../i18n/clock.js';
import type { Words } from '../../i18n/words.js';
import { NO_ANSWER } from '../../state/reactions.js';
import type { Stage } from '../stage.js';

/** A refused name is the only field that the reader gave beside the text, and has words of its own. */
export function problem(words: Words, { code, field }: ErrorBody): string {
  return field === 'name' ? words.say('nameRefused') : words.say(`error.${code}`);
}

/** The same where the words for it, which come with what helps to write, may not be there yet: without a line they can't be had. */
export async function why(stage: Stage, error: ErrorBody): Promise<string> {
  const { view, words } = stage;
  if (error === NO_ANSWER && view.offlineSince)
    return `${words.say('failed')} · ${words.say('offline', { time: hourOf(words.times, view.offlineSince) })}`;
  await stage.kit?.writing();
  return problem(stage.words, error);
}
