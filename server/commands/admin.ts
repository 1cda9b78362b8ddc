// `afterword admin`: what an owner does from the command line, on the database that `afterword start` uses, whether the
// server is running or not. A running server notices within seconds.
import { eq, sql } from 'drizzle-orm';

import { SAMPLE, SAMPLE_KEY, SAMPLE_TITLE } from '../../demo/sample.js';
import { sites } from '../../drizzle/schema.js';
import type { Database } from '../database/connect.js';
import { type Config, parseConfig } from '../config.js';
import { counted } from '../counted.js';
import { nearest } from '../nearest.js';
import { removeSample } from '../sites/first-start.js';
import { readFrom, replaceIn, secretFolderOf, secretSource } from '../secrets/keeper.js';
import { OVERLAP_DAYS, rotate, type Secrets, signing } from '../secrets/secrets.js';
import { normaliseOrigin, OriginError } from '../sites/origins.js';
import { readRules, RuleError, writeRules } from '../sites/rules.js';
import { PostgresStore } from '../store/postgres.js';
import { normaliseName } from '../accounts/names.js';
import { AppError } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';
import { REVISIONS_MAX } from '../../shared/limits.js';
import type { ThreadMode } from '../../shared/views.js';
import { type Arguments, type Command, Refusal, UsageError } from './command.js';
import { useDatabase } from './use-database.js';

const USAGE = `afterword admin TOPIC VERB ...

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
  secret show                        where what signs the readers' tokens is kept, and until when earlier ones are believed
  secret rotate                      a new one, which signs in a minute; what signed until then is believed 30 days longer
                                     (--overlap DAYS: as many; 0 where it has leaked: who held a token gets a new name)
  sample remove                      takes the sample replies of the first start away
`;

/** A token lasts a year: nobody needs more. */
const OVERLAP_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** How many words stand behind a verb, where there is a most: `thread close ID A KEY` is not to close "A". */
const WORDS: Readonly<Record<string, number>> = {
  'site list': 0,
  'site show': 1,
  'thread list': 1,
  'thread close': 2,
  'thread open': 2,
  'reply history': 1,
  'secret show': 0,
  'secret rotate': 0,
  'sample remove': 0,
};

type Verb = (
  database: Database,
  args: readonly string[],
  given: { config: Config; options: Arguments['options'] },
) => Promise<string>;

const VERBS: Readonly<Record<string, Verb>> = {
  'site list': async ({ db }) => {
    const rows = await db.select().from(sites).orderBy(sites.id);
    const lines = rows.map(({ id, name, origins }) => `${id} (${name}): ${origins.join(' ') || 'no origin'}`);
    return lines.join('\n') || 'There is no site yet: afterword admin site add';
  },

  'site add': async ({ db }, [id, ...given], { config }) => {
    if (!id || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
      throw new Refusal('A site needs an id of small letters, digits and dashes.');
    }
    const origins = originsOf(given);
    const made = await db.insert(sites).values({ id, name: id, origins }).onConflictDoNothing().returning();
    if (made.length === 0) throw new Refusal(`There is a site "${id}" already: use site allow.`);
    const server = config.publicUrl ?? 'https://YOUR-SERVER';
    return `Made the site "${id}". Its snippet:\n\n  <script async src="${server}/afterword.js" data-site="${id}"></script>`;
  },

  'site allow': async (database, [id, ...given]) => {
    const { origins } = await siteOf(database, id);
    return await setOrigins(database, id!, [...new Set([...origins, ...originsOf(given)])]);
  },

  'site refuse': async (database, [id, ...given]) => {
    const { origins } = await siteOf(database, id);
    const gone = originsOf(given);
    const other = gone.find((origin) => !origins.includes(origin));
    if (other !== undefined)
      throw new Refusal(`"${id}" does not accept ${other} anyway. It accepts: ${origins.join(' ') || 'no origin'}`);
    return await setOrigins(
      database,
      id!,
      origins.filter((origin) => !gone.includes(origin)),
    );
  },

  'site owner': async (database, [id, ...words]) => {
    await siteOf(database, id);
    const given = words.join(' ').trim();
    const ownerName = given === '' ? null : inWords(() => normaliseName(given));
    await database.db.update(sites).set({ ownerName }).where(eq(sites.id, id!));
    return ownerName
      ? `No guest of "${id}" may pass for ${JSON.stringify(ownerName)}.`
      : `"${id}" has no owner's name.`;
  },

  'site show': async (database, [id]) => writeRules(await siteOf(database, id)),

  'site set': async (database, [id, ...given]) => {
    await siteOf(database, id);
    await database.db
      .update(sites)
      .set(inWords(() => readRules(given)))
      .where(eq(sites.id, id!));
    return `"${id}" now has: ${writeRules(await siteOf(database, id))}`;
  },

  'reply history': async (database, [id = '']) => {
    if (!isId(id)) throw new Refusal('A reply is named by its id, as in the address of its link.');
    const texts = await new PostgresStore(database).revisions(id.toLowerCase(), REVISIONS_MAX);
    if (texts.length === 0) return 'There are no earlier texts.';
    return texts.map(({ rev, body, until }) => `Text ${rev}, until ${until}:\n\n${printable(body)}\n`).join('\n');
  },

  'thread list': async (database, [id]) => {
    await siteOf(database, id);
    const rows = await database.db.execute<{ key: string; count: number; state: string }>(
      sql`select key, count, state from threads where site_id = ${id} order by created_at`,
    );
    const lines = rows.map(({ key, count, state }) => `${shown(key)}: ${counted(count, 'reply', 'replies')}, ${state}`);
    return lines.join('\n') || `No discussion of "${id}" was opened yet.`;
  },

  'thread close': (database, [id, key]) => setState(database, id, key, 'closed'),
  'thread open': (database, [id, key]) => setState(database, id, key, 'open'),

  'secret show': async ({ sql }, _args, { config }) => {
    const source = secretSource({ ...config, secretFolder: secretFolderOf(config) }, sql);
    return `Kept in: ${source.where}\n${told(await readFrom(source), Date.now())}`;
  },

  'secret rotate': async ({ sql }, _args, { config, options }) => {
    const given = options['overlap'] ?? String(OVERLAP_DAYS);
    const days = Number(given);
    // Nothing is not zero, which takes everybody's name away.
    if (!/^\d+(?:\.\d+)?$/.test(String(given)) || days > OVERLAP_DAYS_MAX) {
      throw new Refusal(`--overlap is a number of days from 0 to ${OVERLAP_DAYS_MAX}.`);
    }
    const source = secretSource({ ...config, secretFolder: secretFolderOf(config) }, sql);
    const { replace } = source;
    if (!replace) {
      throw new Refusal(
        `The secret comes from ${source.where}, and is yours to change: write a new one into a file, the earlier below it, ` +
          'and name it in AFTERWORD_SECRET_FILE (docs/operations.md).',
      );
    }
    const now = Date.now();
    return told(await replaceIn(source, replace, (secrets) => rotate(secrets, now, days * DAY_MS)), now);
  },

  'sample remove': async ({ db }) => {
    const n = await removeSample(db, { key: SAMPLE_KEY, title: SAMPLE_TITLE, replies: SAMPLE });
    return n === 0 ? 'There is no sample (any more).' : `Took ${n} sample replies away. What others wrote is kept.`;
  },
};

/** Never the secrets themselves. */
function told(secrets: Secrets, now: number): string {
  const time = (at: number): string => new Date(at).toISOString();
  const first = signing(secrets, now);
  const rows = secrets.all
    .filter(({ until }) => until === null || until > now)
    .map((one) => {
      const does = one === first ? ['signs'] : one.from > now ? [`signs from ${time(one.from)}`] : [];
      const believed = one.until === null ? [] : [`is believed until ${time(one.until)}`];
      return `  one that ${[...does, ...believed].join(', and ') || 'is believed'}`;
    });
  return rows.join('\n');
}

/** A key as a stranger may have made it, with nothing in it that steers the terminal or can't be seen. */
function shown(key: string): string {
  const escaped = (sign: string): string => `\\u{${sign.codePointAt(0)!.toString(16)}}`;
  return JSON.stringify(key).replaceAll(/\p{C}/gu, escaped);
}

/** A stranger's text must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, '\u{fffd}');
}

function originsOf(given: readonly string[]): string[] {
  if (given.length === 0) throw new Refusal('Name at least one origin, as https://example.com.');
  return given.map((origin) => inWords(() => normaliseOrigin(origin)));
}

async function siteOf({ db }: Database, id: string | undefined) {
  const [site] = await db
    .select()
    .from(sites)
    .where(eq(sites.id, id ?? ''));
  if (!site) throw new Refusal(`There is no site "${id ?? ''}". See: afterword admin site list`);
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
    throw new Refusal(`"${id}" has no thread ${JSON.stringify(key)}. See: afterword admin thread list ${id}`);
  const change = await store.setThreadState(thread.id, state);
  return `The thread ${JSON.stringify(key)} ${change ? 'is now' : 'was already'} ${state}.`;
}

/** What the parts say of a value is for people already. */
function inWords<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isTold = [OriginError, RuleError, AppError].some((kind) => error instanceof kind);
    throw isTold ? new Refusal((error as Error).message) : error;
  }
}

export const admin: Command = {
  usage: USAGE.trimEnd(),
  options: { overlap: { type: 'string' } },
  words: Infinity,
  async run(context, { words: [topic, verb = '', ...args], options }) {
    if (topic === undefined) throw new UsageError(USAGE.trimEnd());
    const name = `${topic} ${verb}`.trimEnd();
    if (!Object.hasOwn(VERBS, name)) {
      const meant = nearest(name, Object.keys(VERBS));
      throw new UsageError(
        `There is no "afterword admin ${name}"${meant ? `: did you mean "${meant}"?` : '.'}\n\n${USAGE.trimEnd()}`,
      );
    }
    const more = args[WORDS[name] ?? Infinity];
    if (more !== undefined) {
      throw new UsageError(
        `${JSON.stringify(more)} is a word too many for "${name}". Put quotes around what holds spaces.`,
      );
    }
    if (options['overlap'] !== undefined && name !== 'secret rotate')
      throw new UsageError('--overlap belongs to "secret rotate".');
    const config = parseConfig(context.env);
    context.print(await useDatabase(context, (database) => VERBS[name]!(database, args, { config, options })));
    return 0;
  },
};
