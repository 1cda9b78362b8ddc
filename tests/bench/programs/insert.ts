// The baselines of a durable write, straight from a process to the database: the bare INSERT (bare-table.ts), and what
// one would write first, a transaction that locks the thread, inserts and moves the clock.
import { newId } from '../../../shared/ids.js';
import { connect, type Sql } from '../../../server/database/connect.js';
import { now } from '../harness/clock.js';
import { Latencies, type Packed } from '../harness/latencies.js';
import { serve } from '../harness/rpc.js';
import { quantile } from '../harness/statistics.js';
import { runPlan } from '../harness/ticker.js';
import { BareTable } from './bare-table.js';
import { htmlOf, someTexts } from './text.js';

/** As the product's pool. */
const CONNECTIONS = 10;
const BODY_LENGTH = 700;
const SITE = 'bench';

export type InsertKind = 'bare' | 'naive';

interface Row {
  id: string;
  thread: string;
  author: string;
  body: string;
}

type Insert = (row: Row) => Promise<void>;

async function naiveInsert(sql: Sql, { id, thread, author, body }: Row): Promise<void> {
  await sql.begin(async (tx) => {
    const [found] = await tx<{ head: string }[]>`select head from threads where id = ${thread} for update`;
    const seq = Number(found!.head) + 1;
    await tx`
      insert into replies (id, thread_id, parent_id, root_id, depth, born, seq, body_seq, author_id, author_name,
        author_badge, body, html, renderer)
      values (${id}, ${thread}, null, ${id}, 0, ${seq}, ${seq}, ${seq}, ${author}, 'Bench writer', 'guest', ${body},
        ${htmlOf(body)}, 1)
      returning id, born, created_at`;
    await tx`
      update threads set head = ${seq}, info_seq = ${seq}, count = count + 1, roots = roots + 1 where id = ${thread}`;
  });
}

class Inserter {
  #inserts: Record<InsertKind, Insert> | null = null;
  readonly #thread = newId();
  readonly #author = newId();
  readonly #bodies = someTexts(BODY_LENGTH);

  async open({ url }: { url: string }): Promise<void> {
    const { sql } = connect({ url, max: CONNECTIONS });
    const table = await BareTable.open(sql);
    await sql`insert into sites (id, name, origins) values (${SITE}, 'Bench', '{}') on conflict do nothing`;
    await sql`
      insert into authors (id, site_id, badge, name) values (${this.#author}, ${SITE}, 'guest', 'Bench writer')`;
    await sql`
      insert into threads (id, site_id, key, epoch) values (${this.#thread}, ${SITE}, ${this.#thread}, ${newId()})`;
    this.#inserts = { bare: (row) => table.insert(row), naive: (row) => naiveInsert(sql, row) };
    // Every connection dials and prepares before anything counts.
    for (const insert of Object.values(this.#inserts)) {
      for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: CONNECTIONS }, () => insert(this.#row(i))));
    }
  }

  /** Inserts at these times, counted from the intended one to the commit's answer. */
  async paced({
    kind,
    times,
  }: {
    kind: InsertKind;
    times: readonly number[];
  }): Promise<{ latency: Packed; slipP99: number }> {
    const insert = this.#inserts![kind];
    const latency = new Latencies();
    const under: Promise<void>[] = [];
    const slips = await runPlan(times, (event, intended) => {
      under.push(insert(this.#row(event)).then(() => latency.add(now() - intended)));
    });
    await Promise.all(under);
    return { latency: latency.pack(), slipP99: quantile(slips, 0.99) };
  }

  /** As many as it can with this many under way; commits a second. */
  async saturate({
    kind,
    inFlight,
    seconds,
  }: {
    kind: InsertKind;
    inFlight: number;
    seconds: number;
  }): Promise<number> {
    const insert = this.#inserts![kind];
    const begun = now();
    const end = begun + seconds * 1_000;
    let done = 0;
    const lane = async (): Promise<void> => {
      for (;;) {
        await insert(this.#row(done));
        if (now() > end) return;
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return done / seconds;
  }

  #row(event: number): Row {
    const body = this.#bodies[event % this.#bodies.length]!;
    return { id: newId(), thread: this.#thread, author: this.#author, body };
  }
}

const inserter = new Inserter();

const api = {
  open: (options: { url: string }) => inserter.open(options),
  paced: (options: Parameters<Inserter['paced']>[0]) => inserter.paced(options),
  saturate: (options: Parameters<Inserter['saturate']>[0]) => inserter.saturate(options),
};
export type InsertApi = typeof api;

serve('program', api);
