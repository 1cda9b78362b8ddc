// The opaque keyset cursor of a page (`More.after`): where a list of siblings goes on. Owns its text form only.
import { invalid } from '../../shared/errors.js';
import type { Sort } from '../../shared/views.js';
import type { PageCursor } from '../store/store.js';

const LETTERS = { oldest: 'o', newest: 'n', best: 'b' } as const;
/** The last part is new: cursors of before lack it. */
const FORM = /^([onb])\.(?:(\d{1,15})\.(\d{1,7}))?\.(\d{1,10})\.(\d{1,10})(?:\.(\d{1,15}))?$/;

export function encodeAfter({ sort, last, served, total, moved }: PageCursor): string {
  const place = last ? `${last.born}.${last.rank}` : '';
  const since = moved === null ? '' : `.${moved}`;
  return Buffer.from(`${LETTERS[sort]}.${place}.${served}.${total}${since}`).toString('base64url');
}

/** `PageCursor.moved` of a list of this order of which everything before the cursor was served at `head`. */
export function movedAt(sort: Sort, head: number): number | null {
  return sort === 'best' ? head : null;
}

/** Throws `invalid` for anything that `encodeAfter` did not make for this order. */
export function decodeAfter(after: string, sort: Sort): PageCursor {
  const found = FORM.exec(Buffer.from(after, 'base64url').toString('latin1'));
  if (!found || found[1] !== LETTERS[sort]) throw invalid('after', 'This is not a cursor of this list and order.');
  const last = found[2] === undefined ? null : { born: Number(found[2]), rank: Number(found[3]) };
  const moved = found[6] === undefined ? null : Number(found[6]);
  return { sort, last, served: Number(found[4]), total: Number(found[5]), moved };
}
