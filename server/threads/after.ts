// The opaque keyset cursor of a page (`More.after`): where a list of siblings goes on. Owns its text form only.
import { invalid } from '../../shared/errors.js';
import type { Sort } from '../../shared/views.js';
import type { PageCursor } from '../store/store.js';

const LETTERS = { oldest: 'o', newest: 'n', best: 'b' } as const;
const FORM = /^([onb])\.(?:(\d{1,15})\.(\d{1,7}))?\.(\d{1,10})\.(\d{1,10})$/;

export function encodeAfter({ sort, last, served, total }: PageCursor): string {
  const place = last ? `${last.born}.${last.rank}` : '';
  return Buffer.from(`${LETTERS[sort]}.${place}.${served}.${total}`).toString('base64url');
}

/** Throws `invalid` for anything that `encodeAfter` did not make for this order. */
export function decodeAfter(after: string, sort: Sort): PageCursor {
  const found = FORM.exec(Buffer.from(after, 'base64url').toString('latin1'));
  if (!found || found[1] !== LETTERS[sort]) throw invalid('after', 'This is not a cursor of this list and order.');
  const last = found[2] === undefined ? null : { born: Number(found[2]), rank: Number(found[3]) };
  return { sort, last, served: Number(found[4]), total: Number(found[5]) };
}
