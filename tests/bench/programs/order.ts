// What a baseline is told to publish, and the push that it makes of it: an object of the same shape and size as ours.
import { connect, type Database } from '../../../server/database/connect.js';
import { BareTable } from './bare-table.js';
import { htmlOf } from './text.js';

export interface Order {
  id: string;
  thread: string;
  body: string;
  /** The seq that the push is to carry. */
  seq: number;
  /** Put the row into the database first, and publish when it is in. */
  insert: boolean;
}

const AUTHOR = { id: '01920000-0000-7000-8000-000000000001', name: 'Bench writer', badge: 'guest' };
const EPOCH = '01920000-0000-7000-8000-0000000000ee';

export function deltaOf({ id, thread, body, seq }: Order) {
  return {
    v: 1,
    thread,
    epoch: EPOCH,
    from: seq - 1,
    to: seq,
    replies: [
      {
        id,
        parent: null,
        root: id,
        depth: 0,
        born: seq,
        seq,
        rev: 1,
        author: AUTHOR,
        html: htmlOf(body),
        createdAt: new Date().toISOString(),
        state: 'published',
        score: 0,
        replies: 0,
      },
    ],
    info: { id: thread, key: thread, url: null, title: null, count: seq, state: 'open' },
  };
}

export interface Keeper {
  /**
   * Calls `publish` when the order's row is in, or at once where it asks for none. A failed insert ends the process.
   */
  keep(order: Order, publish: () => void): void;
}

/** Null: this server never inserts. */
export async function makeKeeper(databaseUrl: string | null): Promise<Keeper> {
  const database: Database | null = databaseUrl === null ? null : connect({ url: databaseUrl });
  const table = database && (await BareTable.open(database.sql));
  return {
    keep: ({ insert, id, thread, body }, publish) => {
      if (!insert) return publish();
      if (!table) throw new Error('no database to insert into');
      void table.insert({ id, thread, body, author: AUTHOR.id }).then(publish);
    },
  };
}
