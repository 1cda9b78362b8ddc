// Whether readers who followed a thread by deltas hold exactly what somebody finds who comes new. Applies what the widget
// applies (shared/apply.ts).
import { applyDelta } from '../../../shared/apply.js';
import { fromSnapshot } from '../../../shared/held.js';
import { PAGE_MAX } from '../../../shared/limits.js';
import type { Page } from '../../../shared/protocol.js';
import type { Delta, Reply, Snapshot } from '../../../shared/views.js';
import { makeReadBuffer } from '../wire/connection.js';
import { Peer } from '../wire/socketio.js';
import { AUTH } from './crowd.js';

/** The rows of a reader who was there from the first reply on, as comparable text; throws where a delta doesn't follow. */
export function heldBy(deltas: readonly Delta[]): string {
  const [first] = deltas;
  if (first?.from !== 0 || !first.info) throw new Error('the reader was not there from the beginning');
  const cursor = { epoch: first.epoch, seq: 0 };
  let held = fromSnapshot({ cursor, thread: first.info, replies: [], more: null });
  for (const delta of deltas) held = applyDelta(held, delta);
  return comparable([...held.rows.values()]);
}

/** The same of somebody who comes now and reads every page. Of threads without answers to answers. */
export async function foundBy(port: number, key: string): Promise<string> {
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

function comparable(rows: readonly Reply[]): string {
  return rows
    .map(({ more: _, ...row }) => row)
    .sort((a, b) => a.born - b.born)
    .map((row) => JSON.stringify(row, Object.keys(row).sort()))
    .join('\n');
}
