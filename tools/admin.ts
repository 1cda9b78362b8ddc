// `npm run admin -- COMMAND`: what an owner does from the command line, on the database that `npm start` uses, whether
// the server is running or not. A running server notices within seconds.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';

import { SAMPLE, SAMPLE_KEY, SAMPLE_TITLE } from '../demo/sample.js';
import { sites } from '../drizzle/schema.js';
import { ConfigError, parseConfig } from '../server/config.js';
import { attachDatabase } from '../server/database/attach.js';
import type { Database } from '../server/database/connect.js';
import { DatabaseStartError } from '../server/database/start-error.js';
import { removeSample } from '../server/sites/first-start.js';
import { normaliseOrigin, OriginError } from '../server/sites/origins.js';
import { readRules, RuleError, writeRules } from '../server/sites/rules.js';
import { PostgresStore } from '../server/store/postgres.js';
import { isId } from '../shared/ids.js';
import { REVISIONS_MAX } from '../shared/limits.js';
import type { ThreadMode } from '../shared/views.js';

const USAGE = `npm run admin -- COMMAND

  site list                          every site and the origins whose pages it accepts
  site add ID ORIGIN...              a new site; ORIGIN as https://example.com (http://localhost:* is any port)
  site allow ID ORIGIN...            more origins for a site
  site refuse ID ORIGIN...           fewer
  site show ID                       what a site allows its readers
  site set ID RULE=VALUE...          change it: votes=none|up|updown reactions="👍 ❤️" edit-window=SECONDS|forever
                                     undo=SECONDS presence=on|off typing=on|off
  site owner ID [NAME]               the owner's name, which no guest may take; without NAME none
  thread list ID                     the threads of a site
  thread close ID KEY                no more replies, edits and votes under this key
  thread open ID KEY                 and open again
  reply history ID                   earlier texts of a reply, the newest first
  sample remove                      takes the sample replies of the first start away
`;

/** What a person got wrong; said without a stack. */
class UsageError extends Error {}

type Command = (database: Database, args: string[]) => Promise<string>;

const COMMANDS: Record<string, Command> = {
  'site list': async ({ db }) => {
    const rows = await db.select().from(sites).orderBy(sites.id);
    return rows.map(({ id, name, origins }) => `${id} (${name}): ${origins.join(' ') || 'no origin'}`).join('\n');
  },

  'site add': async ({ db }, [id, ...given]) => {
    if (!id || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
      throw new UsageError('A site needs an id of small letters, digits and dashes.');
    }
    const origins = originsOf(given);
    const made = await db.insert(sites).values({ id, name: id, origins }).onConflictDoNothing().returning();
    if (made.length === 0) throw new UsageError(`There is a site "${id}" already: use site allow.`);
    return `Made the site "${id}". Its snippet:\n\n  <script async src="https://YOUR-SERVER/afterword.js" data-site="${id}"></script>`;
  },

  'site allow': async (database, [id, ...given]) => {
    const { origins } = await siteOf(database, id);
    return await setOrigins(database, id!, [...new Set([...origins, ...originsOf(given)])]);
  },

  'site refuse': async (database, [id, ...given]) => {
    const { origins } = await siteOf(database, id);
    const gone = originsOf(given);
    return await setOrigins(
      database,
      id!,
      origins.filter((origin) => !gone.includes(origin)),
    );
  },

  'site owner': async (database, [id, ...words]) => {
    await siteOf(database, id);
    const ownerName = words.join(' ').trim() || null;
    await database.db.update(sites).set({ ownerName }).where(eq(sites.id, id!));
    return ownerName
      ? `No guest of "${id}" may pass for ${JSON.stringify(ownerName)}.`
      : `"${id}" has no owner's name.`;
  },

  'site show': async (database, [id]) => writeRules(await siteOf(database, id)),

  'site set': async (database, [id, ...given]) => {
    await siteOf(database, id);
    await database.db.update(sites).set(readRules(given)).where(eq(sites.id, id!));
    return `"${id}" now has: ${writeRules(await siteOf(database, id))}`;
  },

  'reply history': async (database, [id = '']) => {
    if (!isId(id)) throw new UsageError('A reply is named by its id, as in the address of its link.');
    const texts = await new PostgresStore(database).revisions(id.toLowerCase(), REVISIONS_MAX);
    if (texts.length === 0) return 'There are no earlier texts.';
    return texts.map(({ rev, body, until }) => `Text ${rev}, until ${until}:\n\n${printable(body)}\n`).join('\n');
  },

  'thread list': async (database, [id]) => {
    await siteOf(database, id);
    const rows = await database.db.execute<{ key: string; count: number; state: string }>(
      sql`select key, count, state from threads where site_id = ${id} order by created_at`,
    );
    return rows.map(({ key, count, state }) => `${JSON.stringify(key)}: ${count} replies, ${state}`).join('\n');
  },

  'thread close': (database, [id, key]) => setState(database, id, key, 'closed'),
  'thread open': (database, [id, key]) => setState(database, id, key, 'open'),

  'sample remove': async ({ db }) => {
    const n = await removeSample(db, { key: SAMPLE_KEY, title: SAMPLE_TITLE, replies: SAMPLE });
    return n === 0 ? 'There is no sample (any more).' : `Took ${n} sample replies away. What others wrote is kept.`;
  },
};

/** A stranger's text must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, '\u{fffd}');
}

function originsOf(given: string[]): string[] {
  if (given.length === 0) throw new UsageError('Name at least one origin, as https://example.com.');
  return given.map(normaliseOrigin);
}

async function siteOf({ db }: Database, id: string | undefined) {
  const [site] = await db
    .select()
    .from(sites)
    .where(eq(sites.id, id ?? ''));
  if (!site) throw new UsageError(`There is no site "${id ?? ''}". See: npm run admin -- site list`);
  return site;
}

async function setOrigins({ db }: Database, id: string, origins: string[]): Promise<string> {
  await db.update(sites).set({ origins }).where(eq(sites.id, id));
  return `"${id}" accepts pages of: ${origins.join(' ') || 'no origin'}`;
}

async function setState(database: Database, id: string | undefined, key = '', state: ThreadMode): Promise<string> {
  await siteOf(database, id);
  const store = new PostgresStore(database);
  const thread = await store.findThread(id!, key);
  if (!thread)
    throw new UsageError(`"${id}" has no thread ${JSON.stringify(key)}. See: npm run admin -- thread list ${id}`);
  const change = await store.setThreadState(thread.id, state);
  return `The thread ${JSON.stringify(key)} ${change ? 'is now' : 'was already'} ${state}.`;
}

async function main(): Promise<void> {
  const [topic = '', verb = '', ...args] = process.argv.slice(2);
  const command = COMMANDS[`${topic} ${verb}`];
  if (!command) throw new UsageError(USAGE);
  const { databaseUrl, dataDir } = parseConfig(process.env);
  const migrationsFolder = join(fileURLToPath(new URL('..', import.meta.url)), 'drizzle', 'migrations');
  const database = await attachDatabase({ databaseUrl: databaseUrl ?? undefined, dataDir, migrationsFolder }, () => {});
  try {
    process.stdout.write(`${await command(database, args)}\n`);
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  const known = [UsageError, OriginError, RuleError, ConfigError, DatabaseStartError].some(
    (kind) => error instanceof kind,
  );
  process.stderr.write(`${known ? (error as Error).message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
