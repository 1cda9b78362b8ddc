// `npm run replay -- FILE`: plays a recorded discussion into a thread through the socket, each author as a guest of
// their own, keeping the tree, then reads the thread back and compares.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';

import type { ErrorBody } from '../shared/errors.js';
import { newId } from '../shared/ids.js';
import { BODY_MAX, PAGE_MAX } from '../shared/limits.js';
import type { Answer, DataOf, RequestName, RequestOf } from '../shared/protocol.js';
import type { Reply } from '../shared/views.js';

const USAGE = `npm run replay -- FILE [--server URL] [--site ID] [--key KEY] [--per-second N]

  FILE          { title, posts: [{ id, parent, kind: "heading" | "comment", author, text }] }, parents before children
  --server      where Afterword runs (http://localhost:3000)
  --site        the site's id (demo)
  --key         the thread's key (replay-NAME, from the file's name)
  --per-second  replies a second (10)
`;

const Recording = z.object({
  title: z.string(),
  posts: z.array(
    z.object({
      id: z.string(),
      parent: z.string().nullable(),
      kind: z.enum(['heading', 'comment']),
      author: z.string().nullable(),
      text: z.string(),
    }),
  ),
});
type Post = z.infer<typeof Recording>['posts'][number];

interface Options {
  server: string;
  site: string;
  key: string;
  perSecond: number;
}

/** One author: a connection of their own, which comes back by itself and sends what was not answered again. */
class Guest {
  readonly #socket: Socket;

  constructor({ server, site }: Options) {
    this.#socket = io(server, {
      auth: { protocol: 1, site, widget: 'replay' },
      transports: ['websocket'],
      forceNew: true,
    });
    this.#socket.on('connect_error', (error: Error & { data?: ErrorBody }) => {
      if (error.data?.retry === 'never') fail(`The server refuses: ${error.data.message}`);
      if (!error.data) explain('away', `${server} does not answer; it is asked until it does.`);
    });
  }

  /** The data of the answer; waits and asks again where the server says "later" or does not answer. */
  async ask<N extends RequestName>(event: N, payload: RequestOf<N>): Promise<DataOf<N>> {
    for (;;) {
      const answer = await this.#once(event, payload);
      if (answer?.ok) return answer.data;
      if (answer && answer.error.retry !== 'later')
        throw new Error(`${event}: ${answer.error.code}: ${answer.error.message}`);
      if (answer?.error.code === 'rate_limited') explain('limits', LIMITED);
      await pause(answer ? (answer.error.retryAfterMs ?? 1_000) : 200);
    }
  }

  async #once<N extends RequestName>(event: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null> {
    try {
      return (await this.#socket.timeout(8_000).emitWithAck(event, payload)) as Answer<DataOf<N>>;
    } catch {
      return null;
    }
  }

  close(): void {
    this.#socket.disconnect();
  }
}

async function replay(file: string, options: Options): Promise<void> {
  const read = Recording.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!read.success) fail(`${file} is no recording: ${z.prettifyError(read.error)}\n\n${USAGE}`);
  const { title, posts } = read.data;
  const comments = withoutHeadings(posts);
  const reader = new Guest(options);
  const joined = await reader.ask('thread:join', { key: options.key, title: title.slice(0, 300) });
  if (joined.mode !== 'snapshot') throw new Error('expected a snapshot');
  const { id: thread } = joined.thread;

  const guests = new Map<string, Promise<Guest>>();
  const sent = new Map<string, { id: string; done: Promise<void> }>();
  const refused: string[] = [];
  const begun = Date.now();
  for (const [n, post] of comments.entries()) {
    await pause(begun + (n * 1000) / options.perSecond - Date.now());
    const author = post.author ?? 'Somebody';
    const guest = guests.get(author) ?? enter(author, options, guests.size);
    guests.set(author, guest);
    const parent = post.parent === null ? undefined : sent.get(post.parent);
    const id = newId();
    const done = (async () => {
      const [speaker] = await Promise.all([guest, parent?.done]);
      await speaker.ask('reply:create', { thread, id, parent: parent?.id ?? null, body: post.text.slice(0, BODY_MAX) });
    })().catch((error: unknown) => void refused.push(`${post.id}: ${String(error)}`));
    sent.set(post.id, { id, done });
    if (n % 20 === 0) process.stderr.write(`\r${n} of ${comments.length} sent`);
  }
  await Promise.all([...sent.values()].map(({ done }) => done));
  process.stderr.write(
    `\r${comments.length} of ${comments.length} sent in ${((Date.now() - begun) / 1000).toFixed(1)} s\n`,
  );

  const held = await readAll(reader, thread);
  const wrong = comments.filter((post) => {
    const reply = held.get(sent.get(post.id)!.id);
    const parent = post.parent === null ? null : sent.get(post.parent)!.id;
    return reply?.parent !== parent;
  });
  for (const line of refused) process.stderr.write(`refused ${line}\n`);
  process.stdout.write(
    `${comments.length - wrong.length} of ${comments.length} replies of ${guests.size} guests stand in thread ` +
      `${JSON.stringify(options.key)} of site "${options.site}", each under its parent.\n`,
  );
  reader.close();
  for (const guest of guests.values()) (await guest).close();
  if (wrong.length > 0) process.exitCode = 1;
}

/** A heading is a topic, not a reply: what stands under it becomes a root. */
function withoutHeadings(posts: readonly Post[]): Post[] {
  const headings = new Set(posts.filter(({ kind }) => kind === 'heading').map(({ id }) => id));
  return posts
    .filter(({ kind }) => kind === 'comment')
    .map((post) => ({ ...post, parent: post.parent !== null && headings.has(post.parent) ? null : post.parent }));
}

/** A name that the site keeps for itself (or that is nothing but signs) becomes a plain one. */
async function enter(author: string, options: Options, n: number): Promise<Guest> {
  const guest = new Guest(options);
  try {
    await guest.ask('me:guest', { name: author.slice(0, 64) });
  } catch {
    await guest.ask('me:guest', { name: `Guest ${n + 1}` });
  }
  return guest;
}

/** Every reply of the thread, by paging through all its lists. */
async function readAll(reader: Guest, thread: string): Promise<Map<string, Reply>> {
  const held = new Map<string, Reply>();
  const lists: { parent: string | null; after?: string }[] = [{ parent: null }];
  for (let list = lists.pop(); list; list = lists.pop()) {
    const page = await reader.ask('thread:page', { thread, sort: 'oldest', limit: PAGE_MAX, ...list });
    for (const reply of page.replies) {
      held.set(reply.id, reply);
      if (reply.more) lists.push({ parent: reply.id, after: reply.more.after });
    }
    if (page.more) lists.push({ ...list, after: page.more.after });
  }
  return held;
}

const LIMITED =
  'The server limits how fast one address may go; going on at its pace (AFTERWORD_RATE_LIMITS=off lifts that).';

/** Said once, so that a slow replay is not a riddle. */
const explained = new Set<string>();
function explain(what: string, text: string): void {
  if (explained.has(what)) return;
  explained.add(what);
  process.stderr.write(`\r${text}\n`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readOptions() {
  const options = {
    server: { type: 'string', default: 'http://localhost:3000' },
    site: { type: 'string', default: 'demo' },
    key: { type: 'string' },
    'per-second': { type: 'string', default: '10' },
  } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
}

const { values, positionals } = readOptions();
const [file] = positionals;
const perSecond = /^\d{1,5}(\.\d+)?$/.test(values['per-second']) ? Number(values['per-second']) : NaN;
if (!file || !(perSecond > 0)) fail(USAGE);
const name = file.replace(/^.*[\\/]/, '').replace(/\.json$/, '');
replay(file, { server: values.server, site: values.site, key: values.key ?? `replay-${name}`, perSecond }).catch(
  (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
);
