// The database: that it answers and can be used, that it keeps what it acknowledges, that its clock is ours, and whether
// the origins of its sites are what pages send.
import { normaliseOrigin } from '../sites/origins.js';
import { appliedMigrations } from '../database/applied-migrations.js';
import type { Schema } from '../database/backup/schemas.js';
import type { Sql } from '../database/connect.js';
import { OWN_DATABASE, strangersTables, whoseTheyAre } from '../database/strangers.js';
import { LOCAL } from './reach.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

/** Tokens of another node's clock are believed this far ahead. */
const SKEW_MAX_MS = 60_000;
const SKEW_MS = 2_000;
/** The bus listens, migrations and tools want one. */
const BESIDE_THE_POOL = 3;

interface Facts {
  version: string;
  max: number;
  reserved: number;
  used: number;
  fsync: string;
  pages: string;
  commit: string;
  vacuum: string;
}

export async function checkDatabase(sql: Sql, poolSize: number, now: () => number): Promise<Finding[]> {
  const begun = now();
  const [clock] = await sql<[{ at: number }]>`select extract(epoch from clock_timestamp())::float8 * 1000 as at`;
  const ended = now();
  const [facts] = await sql<[Facts]>`
    select current_setting('server_version') as version, current_setting('max_connections')::int as max,
      current_setting('superuser_reserved_connections')::int as reserved,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
      current_setting('synchronous_commit') as commit, current_setting('autovacuum') as vacuum`;
  return [
    ok('PostgreSQL', facts.version),
    checkConnections(facts, poolSize),
    ...checkDurability(facts),
    checkSkew(clock.at - (begun + ended) / 2),
  ];
}

function checkConnections({ max, reserved, used }: Facts, poolSize: number): Finding {
  const says = `Of ${max} connections ${used} are used now, and a node takes up to ${poolSize + BESIDE_THE_POOL}.`;
  return max - reserved < poolSize + BESIDE_THE_POOL
    ? problem('Connections', says, 'Lower AFTERWORD_POOL_SIZE, or raise max_connections.')
    : ok('Connections', says);
}

export function checkDurability({
  fsync,
  pages,
  commit,
  vacuum,
}: Pick<Facts, 'fsync' | 'pages' | 'commit' | 'vacuum'>): Finding[] {
  const what = 'Durability';
  const found: Finding[] = [];
  const lost = 'What was acknowledged can be lost when the machine stops.';
  if (fsync === 'off') found.push(problem(what, `fsync is off. ${lost}`, 'Switch it on.'));
  if (pages === 'off')
    found.push(warning(what, 'full_page_writes is off. Pages can be torn when the machine stops.', 'Switch it on.'));
  if (commit === 'off') found.push(warning(what, `synchronous_commit is off. ${lost}`, 'Switch it on.'));
  if (vacuum !== 'on')
    found.push(warning('Autovacuum', 'It is off: tables grow, and pages get slower.', 'Switch it on.'));
  return found.length > 0 ? found : [ok(what, 'fsync, full_page_writes, synchronous_commit and autovacuum are on.')];
}

export function checkSkew(skewMs: number): Finding {
  const what = 'Clock';
  const says = `This machine and the database differ by ${(Math.abs(skewMs) / 1000).toFixed(1)} s.`;
  if (Math.abs(skewMs) < SKEW_MS) return ok(what, says);
  const todo = 'Set both by NTP (timedatectl, chrony).';
  return Math.abs(skewMs) < SKEW_MAX_MS ? warning(what, says, todo) : problem(what, says, todo);
}

export async function checkTables(sql: Sql, schemas: readonly Schema[]): Promise<Finding> {
  const what = 'Tables';
  const strangers = await strangersTables(sql, schemas);
  if (strangers.length > 0) return problem(what, whoseTheyAre(strangers), OWN_DATABASE);
  const applied = await appliedMigrations(sql);
  const isFirst = applied.length === 0;
  if (applied.some((when) => !schemas.some((schema) => schema.when === when))) {
    return warning(what, 'They are of a newer version of Afterword.', 'Use that one, or see docs/upgrading.md.');
  }
  const missing = schemas.filter(({ when }) => !applied.includes(when));
  if (missing.length === 0) return ok(what, `As of ${schemas.at(-1)!.tag}.`);
  const [may] = await sql<[{ make: boolean }]>`
    select has_database_privilege(current_database(), 'create')
      and coalesce(has_schema_privilege(current_schema(), 'create'), false) as make`;
  if (!may.make) {
    const says = 'The user of the database may not make them.';
    return problem(what, says, 'alter database NAME owner to USER, said by a superuser.');
  }
  if (isFirst) return ok(what, 'They are made by the first start.');
  return ok(what, `The next start brings them up to date: ${missing.map(({ tag }) => tag).join(', ')}.`);
}

export async function checkSites(sql: Sql): Promise<Finding[]> {
  const [there] = await sql<[{ are: boolean }]>`select to_regclass('sites') is not null as are`;
  if (!there.are) return [];
  const sites = await sql<{ id: string; origins: string[] }[]>`
    select id, to_jsonb(origins) as origins from sites order by id`;
  return sites.flatMap(({ id, origins }) => checkOrigins(id, origins));
}

export function checkOrigins(id: string, origins: readonly string[]): Finding[] {
  const what = `Site ${id}`;
  const admin = (verb: string, origin: string): string => `afterword admin site ${verb} ${id} ${origin}`;
  if (origins.length === 0)
    return [warning(what, 'It has no origin: no page may use it.', admin('allow', 'https://example.com'))];
  const found = origins.flatMap((origin): Finding[] => {
    try {
      normaliseOrigin(origin);
    } catch (error) {
      return [problem(what, reasonOf(error), admin('refuse', JSON.stringify(origin)))];
    }
    if (LOCAL.test(origin)) return [];
    if (origin.startsWith('http:'))
      return [
        warning(
          what,
          `${origin} is not https: what readers send can be read on its way.`,
          'Serve the page over https.',
        ),
      ];
    const twin = twinOf(origin);
    if (twin === null || origins.includes(twin)) return [];
    return [
      warning(
        what,
        `${origin} is accepted, ${twin} is not.`,
        `Where pages are served there as well: ${admin('allow', twin)}`,
      ),
    ];
  });
  return found.length > 0 ? found : [ok(what, origins.join(' '))];
}

/** With `www.` or without it; null for a deeper name, which has none as a rule. */
function twinOf(origin: string): string | null {
  const [, scheme, host] = /^(https?:\/\/)(.*)$/.exec(origin) ?? [];
  if (host === undefined) return null;
  if (host.startsWith('www.')) return `${scheme}${host.slice(4)}`;
  return host.split('.').length === 2 ? `${scheme}www.${host}` : null;
}
