// What a statement of an online migration asks for: an index built beside writers, rows filled in batches, or a short
// change. Owns how that is told from its text; running it is `online.ts`.

const CONCURRENTLY =
  /^(create\s+(?:unique\s+)?index|drop\s+index)\s+concurrently\s+(?:if\s+(?:not\s+)?exists\s+)?"?(\w+)/i;
/** `-- batches of replies by id, 2000`: the statement runs for `id > :after and id <= :upto`, some rows at a time. */
const BATCHES = /^-- batches of (\w+) by (\w+), (\d+)\n/;

export type OnlineStep =
  | { kind: 'fill'; statement: string; table: string; key: string; rows: number }
  /** `what` is `create index`, `create unique index` or `drop index`. */
  | { kind: 'index'; statement: string; what: string; name: string }
  | { kind: 'short'; statement: string };

export function stepOf(text: string): OnlineStep {
  const statement = text.replace(/^-- online\n/, '').trim();
  const batches = BATCHES.exec(statement);
  if (batches) {
    const [, table = '', key = '', rows] = batches;
    return { kind: 'fill', statement, table, key, rows: Number(rows) };
  }
  const index = CONCURRENTLY.exec(statement);
  if (index) return { kind: 'index', statement, what: index[1]!.toLowerCase(), name: index[2]! };
  return { kind: 'short', statement };
}

/**
 * The statement as it is made in one transaction with all others, where PostgreSQL builds no index concurrently: for
 * tables that nobody else sees yet. Null where it fills rows, as there are none.
 */
export function onNewTables(text: string): string | null {
  const step = stepOf(text);
  if (step.kind === 'fill') return null;
  return step.kind === 'index' ? step.statement.replace(/\s+concurrently\b/i, '') : step.statement;
}
