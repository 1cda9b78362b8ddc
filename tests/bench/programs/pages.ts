// B6's readers: the product's own store, asked for pages of threads of every size, one question after the other. Runs
// apart from the database, on the server's core.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

import { newId } from '../../../shared/ids.js';
import type { Sort } from '../../../shared/views.js';
import { parseAddress } from '../../../server/database/address.js';
import { connect } from '../../../server/database/connect.js';
import { PostgresStore } from '../../../server/store/postgres.js';
import { replyColumns, uuids, type Sql } from '../../../server/store/queries/rows.js';
import type { PageCursor } from '../../../server/store/store.js';
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { serve } from '../harness/rpc.js';
import { seeded } from '../harness/schedule.js';
import { makeBigThread, type BigThread } from './big-thread.js';

const PAGE = 20;
/** Rows before page 1,000. */
const FAR = 999 * PAGE;
const SITE = 'bench';

/** Each statement is explained as it runs, and its plan sent to us. */
const EXPLAIN = {
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  client_min_messages: 'log',
};

/** `keys`: the baseline, 20 rows of the thread by their primary key. */
export type Question = 'first' | 'far' | 'deep' | 'keys';
export interface Task {
  size: number;
  question: Question;
  sort: Sort;
}

export interface TaskResult extends Task {
  latency: Packed;
  /** Rows of the answer. */
  rows: number;
  /** Pages of the database that the answer touched, cached or not; null for the baseline's random rows. */
  buffers: number;
}

type Ask = () => Promise<number>;

class Pages {
  #url = '';
  readonly #threads = new Map<number, BigThread>();

  /** Fills an empty, migrated database. */
  async fill({ url, sizes }: { url: string; sizes: readonly number[] }): Promise<void> {
    this.#url = url;
    const { sql, close } = connect({ url, max: 1 });
    await sql`set statement_timeout = 0`;
    await sql`insert into sites (id, name, origins) values (${SITE}, 'Bench', '{}')`;
    for (const size of sizes) this.#threads.set(size, await makeBigThread(sql, SITE, size));
    await sql`vacuum (analyze) replies`;
    await sql`analyze threads`;
    await close();
  }

  /** Which of the tasks have an answer: page 1,000 needs that many roots. */
  async possible({ tasks }: { tasks: readonly Task[] }): Promise<Task[]> {
    const { sql, close } = connect({ url: this.#url, max: 1 });
    const sizes = await sql<{ head: number }[]>`select head::float8 as head from threads where roots > ${FAR}`;
    await close();
    return tasks.filter(({ question, size }) => question !== 'far' || sizes.some(({ head }) => head === size));
  }

  /** Asks each task this often, all mixed, after a tenth of that to warm up. */
  async time({ tasks, times, seed }: { tasks: readonly Task[]; times: number; seed: number }): Promise<TaskResult[]> {
    const { sql, db, close } = connect({ url: this.#url, max: 1 });
    const store = new PostgresStore({ sql, db });
    const asked = await Promise.all(tasks.map((task) => this.#ask(store, sql, task, seed)));
    const warm = Math.ceil(times / 10);
    for (const ask of asked) for (let i = 0; i < warm; i++) await ask();
    const latencies = tasks.map(() => new Latencies());
    const rows = tasks.map(() => 0);
    for (const i of mixed(tasks.length, times, seed)) {
      const begun = now();
      rows[i] = await asked[i]!();
      latencies[i]!.add(now() - begun);
    }
    await close();
    const buffers = await this.#buffers(tasks, seed);
    return tasks.map((task, i) => ({ ...task, latency: latencies[i]!.pack(), rows: rows[i]!, buffers: buffers[i]! }));
  }

  async #ask(store: PostgresStore, sql: Sql, { size, question, sort }: Task, seed: number): Promise<Ask> {
    const { id, deepParent } = this.#threads.get(size)!;
    if (question === 'first') return async () => (await store.firstPage(id, sort, PAGE))!.page.rows.length;
    if (question === 'deep') {
      const query = { parentId: deepParent, sort, after: null, limit: PAGE };
      return async () => (await store.page(id, query)).rows.length;
    }
    if (question === 'far') {
      const query = { parentId: null, sort, after: await farCursor(sql, id, sort), limit: PAGE };
      return async () => (await store.page(id, query)).rows.length;
    }
    const random = seeded(seed);
    const places = Array.from({ length: 1_000 }, () => 1 + Math.floor(random() * size));
    const known = await sql<{ id: string }[]>`
      select id from replies where thread_id = ${id} and born = any(${`{${places.join()}}`}::bigint[])`;
    return async () => {
      const ids = new Set<string>();
      while (ids.size < PAGE) ids.add(known[Math.floor(random() * known.length)]!.id);
      const found = await sql`select ${replyColumns(sql)} from replies r where r.id = any(${uuids([...ids])}::uuid[])`;
      return found.length;
    };
  }

  /** Has the database explain the very statements of the store. */
  async #buffers(tasks: readonly Task[], seed: number): Promise<number[]> {
    const plans: string[] = [];
    const sql = openExplained(this.#url, (message) => plans.push(message));
    const store = new PostgresStore({ sql, db: drizzle({ client: sql }) });
    await sql`load 'auto_explain'`;
    const found: number[] = [];
    for (const task of tasks) {
      const ask = await this.#ask(store, sql, task, seed);
      await ask();
      await sql`
        select set_config(name, value, false)
        from jsonb_each_text(${JSON.stringify(EXPLAIN)}::jsonb) as settings (name, value)`;
      plans.length = 0;
      await ask();
      found.push(plans.reduce((sum, plan) => sum + touchedBuffers(plan), 0));
      await sql`set client_min_messages = 'warning'`;
    }
    await sql.end();
    return found;
  }
}

/** Where page 1,000 begins. */
async function farCursor(sql: Sql, thread: string, sort: Sort): Promise<PageCursor> {
  const order = sort === 'oldest' ? sql`born` : sort === 'newest' ? sql`born desc` : sql`-rank, born`;
  const [last] = await sql<{ born: number; rank: number; total: number }[]>`
    select born::float8 as born, rank, (select roots from threads where id = ${thread}) as total
    from replies where thread_id = ${thread} and parent_id is null order by ${order} offset ${FAR - 1} limit 1`;
  if (!last) throw new Error('there is no page 1,000');
  return { sort, last: { born: last.born, rank: last.rank }, served: FAR, total: last.total, moved: null };
}

/** A connection that tells what the server says beside its answers. */
function openExplained(url: string, onMessage: (message: string) => void): Sql {
  const { url: address, socketFolder, port } = parseAddress(url);
  return postgres(address, {
    max: 1,
    ...(socketFolder === undefined ? {} : { path: `${socketFolder}/.s.PGSQL.${port}` }),
    onnotice: ({ message = '' }) => onMessage(message),
    connection: { application_name: `afterword bench ${newId()}` },
  });
}

function touchedBuffers(message: string): number {
  const json = message.slice(message.indexOf('{'));
  const { Plan: plan } = JSON.parse(json) as { Plan: Record<string, number> };
  return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
}

/** Each of `n` numbers `times` times, mixed. */
function mixed(n: number, times: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: n * times }, (_, i) => ({ i: i % n, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ i }) => i);
}

const pages = new Pages();

const api = {
  fill: (options: Parameters<Pages['fill']>[0]) => pages.fill(options),
  possible: (options: Parameters<Pages['possible']>[0]) => pages.possible(options),
  time: (options: Parameters<Pages['time']>[0]) => pages.time(options),
};
export type PagesApi = typeof api;

serve('program', api);
