// What each request calls. Parsed payloads in, data out; nothing is decided here.
import { AppError, invalid } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import type { RequestName, RequestOf, DataOf, Lane } from '../../shared/protocol.js';
import type { Guests } from '../accounts/guests.js';
import { checkNote } from '../threads/text.js';
import type { LiveThreads } from '../threads/live.js';
import type { Presence } from '../threads/presence.js';
import type { Service } from '../threads/service.js';
import type { Audience } from './audience.js';
import type { Route } from './guard.js';
import { roomOf, roomsOf } from './lanes.js';
import type { Kind, RateLimits } from './limits.js';
import type { MergedLane } from './merged-lane.js';
import { SCHEMAS } from './schemas.js';
import type { ClientSocket } from './session.js';
import type { SlowMode } from './slow-mode.js';

/** Several discussions may stand on one page; this many don't. */
const THREADS_PER_SOCKET = 64;

export interface RoutesOptions {
  service: Service;
  guests: Guests;
  live: LiveThreads;
  presence: Presence;
  merged: Readonly<Record<Exclude<Lane, 'live'>, Pick<MergedLane, 'enter'>>>;
  audience: Pick<Audience, 'enter' | 'leave'>;
  slowMode: Pick<SlowMode, 'mustWait'>;
  limits: Pick<RateLimits, 'charge'>;
}

type Handler<N extends RequestName> = (payload: RequestOf<N>, socket: ClientSocket) => Promise<DataOf<N>>;

/** The table of all requests, the same for every socket: an idle reader would hold it as long as the line. */
export function routesOf(options: RoutesOptions): ReadonlyMap<string, Route> {
  const { guests, presence, slowMode, limits } = options;
  const { threads, replies, choices } = options.service;
  const table = new Map<string, Route>();
  const on = <N extends RequestName>(name: N, kind: Kind, handle: Handler<N>): void => {
    table.set(name, { schema: SCHEMAS[name], kind, handle });
  };

  on('thread:join', 'join', async (request, socket) => {
    const answer = await threads.join(
      socket.data,
      request,
      (id) => enter(socket, id, request.lane, options),
      () => limits.charge('thread', { address: socket.data.address }),
    );
    const token = socket.data.freshToken;
    socket.data.freshToken = null;
    return token === null ? answer : { ...answer, you: { ...answer.you, token } };
  });
  on('thread:leave', 'read', ({ thread }, socket) => {
    leave(socket, thread, options);
    return Promise.resolve({});
  });
  on('thread:page', 'read', (request, { data }) => threads.page(data, request));
  on('thread:locate', 'read', (request, { data }) => threads.locate(data, request));
  on('thread:news', 'read', (request, { data }) => threads.news(data, request));
  on('me:guest', 'guest', async ({ name }, { data: session }) => {
    session.guest ??= newId();
    const { author, token, me } = await guests.become(session.site, session.author, name, session.guest);
    session.author = author;
    return { token, me };
  });
  on('reply:create', 'write', async (request, { data: session }) => {
    const { thread, id: reply } = request;
    const { author, address } = session;
    const takeBack = author && slowMode.mustWait({ thread, reply, author: author.id, address });
    try {
      const reply = await replies.create(session, request);
      if (session.author) presence.wrote(request.thread, session.author.name);
      return { reply };
    } catch (error) {
      takeBack?.();
      throw error;
    }
  });
  on('reply:edit', 'write', async (request, { data }) => ({ reply: await replies.edit(data, request) }));
  on('reply:remove', 'write', async (request, { data }) => ({ reply: await replies.remove(data, request) }));
  on('reply:restore', 'write', async (request, { data }) => ({ reply: await replies.restore(data, request) }));
  on('reply:preview', 'preview', (request, { data }) => replies.preview(data, request));
  on('reply:history', 'read', (request, { data }) => replies.history(data, request));
  on('reply:source', 'read', async (request, { data }) => ({ body: await replies.source(data, request) }));
  on('reply:vote', 'write', (request, { data }) => choices.vote(data, request));
  on('reply:react', 'write', (request, { data }) => choices.react(data, request));
  on('reply:report', 'write', async ({ note, ...request }, { data }) => {
    await replies.report(data, { ...request, ...(note === undefined ? {} : { note: checkNote(note) }) });
    return {};
  });
  table.set('thread:typing', {
    schema: SCHEMAS['thread:typing'],
    kind: 'read',
    handle: ({ thread }: { thread: string }, { data: session }: ClientSocket) => {
      if (!session.author) throw new AppError('sign_in_required');
      if (session.site.rules.typing && session.threads.has(thread)) presence.typing(thread, session.author.name);
      return {};
    },
  });
  return table;
}

/** Begins to hear a thread. Before anything is read: what is published meanwhile must not be missed. */
function enter(
  socket: ClientSocket,
  threadId: string,
  lane: Lane = 'live',
  { live, presence, merged, audience }: RoutesOptions,
): void {
  const { threads } = socket.data;
  // The line may have gone while the thread was looked up: nobody would leave it any more.
  if (!socket.connected) throw new AppError('overloaded');
  if (!threads.has(threadId)) {
    if (threads.size >= THREADS_PER_SOCKET) throw invalid('key', `At most ${THREADS_PER_SOCKET} threads at once.`);
    threads.add(threadId);
    live.open(threadId);
    presence.entered(threadId, socket.data.site.rules.presence);
  }
  if (lane !== 'live') merged[lane].enter(threadId);
  const to = roomOf(threadId, lane);
  // In one of them: what is heard twice in between does no harm.
  audience.enter(to, socket);
  for (const room of roomsOf(threadId)) if (room !== to) audience.leave(room, socket);
}

/** Stops hearing a thread; nothing where it wasn't joined. */
export function leave(socket: ClientSocket, threadId: string, { live, presence, audience }: RoutesOptions): void {
  if (!socket.data.threads.delete(threadId)) return;
  for (const room of roomsOf(threadId)) audience.leave(room, socket);
  live.close(threadId);
  presence.left(threadId);
}
