// A process that owns an embedded database, for tests that end it in every way. Run with one argument, an
// `InstanceOptions` as JSON; tells what happens as JSON lines on its standard output.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type Sql } from '../../server/database/connect.js';
import { startEmbedded } from '../../server/database/embedded/start.js';
import { DatabaseStartError } from '../../server/database/start-error.js';

export interface InstanceOptions {
  dataDir: string;
  /** Writes rows until it ends, and tells each one that the database has acknowledged. */
  write?: boolean;
}

export type InstanceEvent =
  | { event: 'log'; message: string }
  | { event: 'ready'; url: string; server: number }
  | { event: 'refused'; failure: string; message: string }
  | { event: 'acknowledged'; id: number }
  /** It was interrupted from the terminal, and the database still answered then. */
  | { event: 'interrupted'; answer: number };

const WRITERS = 8;

function tell(event: InstanceEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function writeForever(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<[{ id: number }]>`insert into written (text) values ('acknowledged') returning id`;
    tell({ event: 'acknowledged', id: row.id });
  }
}

async function run({ dataDir, write = false }: InstanceOptions): Promise<void> {
  const embedded = await startEmbedded({ dataDir, log: (message) => tell({ event: 'log', message }) });
  const { sql } = connect({ url: embedded.url });
  const leave = async (): Promise<void> => {
    const [row] = await sql<[{ answer: number }]>`select 42 as answer`;
    tell({ event: 'interrupted', answer: row.answer });
    await sql.end();
    await embedded.stop();
  };
  process.once('SIGINT', () => void leave());
  const pidFile = path.join(dataDir, 'pgdata', 'postmaster.pid');
  tell({ event: 'ready', url: embedded.url, server: Number.parseInt(readFileSync(pidFile, 'utf8'), 10) });
  if (!write) return;
  await sql`create table if not exists written (id serial primary key, text text not null)`;
  await Promise.all(Array.from({ length: WRITERS }, () => writeForever(sql)));
}

try {
  await run(JSON.parse(process.argv[2] ?? '') as InstanceOptions);
} catch (error) {
  const failure = error instanceof DatabaseStartError ? error.failure : 'unexpected';
  tell({ event: 'refused', failure, message: String(error) });
  process.exitCode = 1;
}
