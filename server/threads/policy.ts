// Who may do what. Pure decisions over rows; throws the AppError that says why not.
import { AppError, invalid } from '../../shared/errors.js';
import type { Rules } from '../../shared/views.js';
import type { AuthorRow, ReplyRow, SiteRow } from '../store/store.js';

/** Who speaks: on which site, and as whom. `author` is null until a name was given. */
export interface Actor {
  site: SiteRow;
  author: AuthorRow | null;
}

/** Writing needs somebody who wrote it. */
export function mustBeSomebody(actor: Actor): AuthorRow {
  if (!actor.author) throw new AppError('sign_in_required');
  return actor.author;
}

/** Only one's own, and only what still stands. */
export function mustOwn(actor: Actor, row: ReplyRow): AuthorRow {
  const author = mustBeSomebody(actor);
  if (row.authorId !== author.id) throw new AppError('forbidden', { message: 'This reply is not yours.' });
  return author;
}

/** REQ3: a removed reply takes no writes. */
export function mustStand(row: ReplyRow): void {
  if (row.state === 'removed') throw invalid('id', 'This reply was removed.');
}

/** `seconds`: how long its author may change it; null: for ever. `now` in Unix milliseconds. */
export function mustBeInTime(createdAt: Date, seconds: number | null, now: number): void {
  if (seconds !== null && now - createdAt.getTime() > seconds * 1_000) {
    throw new AppError('too_late', { message: 'This reply can not be edited any more.' });
  }
}

/** RULES1. A vote may always be taken back. */
export function mustTakeVote({ votes }: Rules, value: -1 | 0 | 1): void {
  const refused = votes === 'none' || (votes === 'up' && value === -1);
  if (refused && value !== 0) throw new AppError('forbidden', { message: 'This site takes no such votes.' });
}

/** RULES1. */
export function mustAccept({ reactions }: Rules, emoji: string): void {
  if (!reactions.includes(emoji)) throw new AppError('forbidden', { message: 'This site has no such reaction.' });
}

/** What the answer to a join tells of it; the server asks again at each write. */
export function can(actor: Actor): { write: boolean; vote: boolean } {
  return { write: actor.author !== null, vote: actor.author !== null };
}
