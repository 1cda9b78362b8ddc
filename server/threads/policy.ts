// Who may do what. Pure decisions over rows; throws the AppError that says why not.
import { AppError, invalid } from '../../shared/errors.js';
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

/** What the answer to a join tells of it; the server asks again at each write. */
export function can(actor: Actor): { write: boolean; vote: boolean } {
  return { write: actor.author !== null, vote: actor.author !== null };
}
