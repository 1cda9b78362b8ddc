// What PostgreSQL really did for each statement of a pool: its executed plans, as auto_explain tells them. Needs a
// superuser, which the tests' own server gives.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

import { parseAddress } from '../../server/database/address.js';
import { PLANNER, type Db, type Sql } from '../../server/database/connect.js';

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

export interface Explained {
  sql: Sql;
  db: Db;
  /** The plans of everything that ran since the last call, oldest first. */
  takePlans(): PlanNode[];
  close(): Promise<void>;
}

/** One connection, so that statements stay prepared on it. `generic` forces the plan that knows no parameters. */
export async function explainedPool(url: string, { generic }: { generic: boolean }): Promise<Explained> {
  const { socketFolder, port, ...address } = parseAddress(url);
  const plans: PlanNode[] = [];
  const sql = postgres(address.url, {
    ...(socketFolder === undefined ? {} : { path: `${socketFolder}/.s.PGSQL.${port}` }),
    max: 1,
    connection: PLANNER,
    onnotice: ({ message }) => {
      const json = message?.slice(message.indexOf('{'));
      if (message?.includes('plan:') && json) plans.push((JSON.parse(json) as { Plan: PlanNode }).Plan);
    },
  });
  await sql`load 'auto_explain'`;
  await sql`select set_config('plan_cache_mode', ${generic ? 'force_generic_plan' : 'auto'}, false)`;
  await sql`select set_config('auto_explain.' || name, value, false) from (values ('log_analyze', 'on'),
    ('log_buffers', 'on'), ('log_format', 'json'), ('log_level', 'notice'), ('log_min_duration', '0')) as s(name, value)`;
  return {
    sql,
    db: drizzle({ client: sql }),
    takePlans: () => plans.splice(0),
    close: () => sql.end(),
  };
}

/** All nodes of a plan, the root first. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** What one statement may cost at most. */
export interface Bound {
  /** Rows that any step of its plan handles. */
  rows: number;
  /** Pages of the database, cached or not, where a thread's rows stand together. */
  blocks: number;
}

/** Tables with so few rows that reading them as a whole is right. */
const SMALL = ['sites', 'settings'];

/**
 * Why a statement does not scale, a line each: a table that was read as a whole, a step (a sort, a filter) that handles more
 * rows than the answer can need, or too many pages. `scattered`: each row may stand on a page of its own.
 */
export function faultsOf(plan: PlanNode, { rows, blocks }: Bound, { scattered = false } = {}): string[] {
  const nodes = nodesOf(plan);
  const whole = nodes.filter(
    (node) => node['Node Type'] === 'Seq Scan' && !SMALL.includes(node['Relation Name'] ?? ''),
  );
  const wide = nodes.filter((node) => rowsOf(node) > rows);
  const touched = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  const limit = scattered ? blocks + rows : blocks;
  return [
    ...whole.map((node) => `reads all of ${node['Relation Name']}`),
    ...wide.map((node) => `${node['Node Type']} ${node['Index Name'] ?? ''} handles ${rowsOf(node)} rows of ${rows}`),
    ...(touched > limit ? [`touches ${touched} pages of ${limit}`] : []),
  ];
}

/** What a step handled: its rows and those that it threw away. */
export function rowsOf(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}
