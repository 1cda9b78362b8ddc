// Whether readers who followed a thread by deltas hold exactly what somebody finds who comes new, but for what they counted.
// Applies what the widget applies (shared/apply.ts).
import { applyDelta } from '../../../shared/apply.js';
import { fromSnapshot } from '../../../shared/held.js';
import { PAGE_MAX } from '../../../shared/limits.js';
import type { Page } from '../../../shared/protocol.js';
import type { Delta, Reply, Snapshot } from '../../../shared/views.js';
import { makeReadBuffer } from '../wire/connection.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';

/** The rows of a thread as comparable text, by `born`. */
export type Rows = ReadonlyMap<number, string>;

/** Whether these hold each of the found rows as it is, or counted it once. Throws where a delta doesn't follow. */
export function isSame(deltas: readonly Delta[], found: Rows): boolean {
  const { rows, counted } = heldBy(deltas);
  for (const [born, row] of found)
    if (counted.has(born) === rows.has(born) || (rows.get(born) ?? row) !== row) return false;
  return rows.size + counted.size === found.size;
}

/** What a reader holds who was there from the first reply on, and the births that it only counted. */
function heldBy(deltas: readonly Delta[]): { rows: Rows; counted: Set<number> } {
  const [first] = deltas;
  if (first?.from !== 0 || !first.info) throw new Error('the reader was not there from the beginning');
  const cursor = { epoch: first.epoch, seq: 0 };
  let held = fromSnapshot({ cursor, thread: first.info, replies: [], more: null });
  const counted = new Set<number>();
  for (const delta of deltas) {
    for (const born of Object.values(delta.left ?? {}).flat()) if (born > held.cursor.seq) counted.add(born);
    held = applyDelta(held, delta);
  }
  return { rows: comparable([...held.rows.values()]), counted };
}

/** Those of somebody who comes now and reads every page. Of threads without answers to answers. */
export async function foundBy(port: number, key: string): Promise<Rows> {
  const peer = new Peer(port, makeReadBuffer(), AUTH, { onLost: () => {} });
  await peer.connected();
  const snapshot = await peer.ask<Snapshot>('thread:join', { key, limit: PAGE_MAX, sort: 'oldest' });
  const rows = [...snapshot.replies];
  for (let { more } = snapshot; more;) {
    const page: Page = await peer.ask('thread:page', {
      thread: snapshot.thread.id,
      parent: null,
      sort: 'oldest',
      after: more.after,
      limit: PAGE_MAX,
    });
    rows.push(...page.replies);
    more = page.more;
  }
  peer.end();
  return comparable(rows);
}

function comparable(rows: readonly Reply[]): Rows {
  return new Map(rows.map(({ more: _, ...row }) => [row.born, JSON.stringify(row, Object.keys(row).sort())]));
}
