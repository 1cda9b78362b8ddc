// The least that a durable write can be: one prepared INSERT of a row as wide as ours into a table that has its primary
// key and nothing else.
import type { Sql } from '../../../server/database/connect.js';
import { htmlOf } from './text.js';

export interface BareRow {
  id: string;
  thread: string;
  body: string;
  author: string;
}

export class BareTable {
  readonly #sql: Sql;

  private constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Makes the table where it is missing. The columns are those of `replies`, whose types and widths it so shares. */
  static async open(sql: Sql): Promise<BareTable> {
    await sql`create table if not exists bare_replies (like replies including defaults, primary key (id))`;
    return new BareTable(sql);
  }

  /** Resolves after the commit. */
  async insert({ id, thread, body, author }: BareRow): Promise<void> {
    const sql = this.#sql;
    await sql`
      insert into bare_replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
        author_badge, body, html, renderer)
      values (${id}, ${thread}, null, ${id}, 0, 1, 1, 1, ${author}, 'Bench writer', 'guest', ${body},
        ${htmlOf(body)}, 1)
      returning id, born, created_at`;
  }
}
