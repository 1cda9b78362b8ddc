// What each request calls. Parsed payloads in, data out; nothing is decided here.
import { AppError, invalid } from '../../shared/errors.js';
import type { RequestName, RequestOf, DataOf } from '../../shared/protocol.js';
import type { Guests } from '../accounts/guests.js';
import { checkNote } from '../threads/text.js';
import type { LiveThreads } from '../threads/live.js';
import type { Presence } from '../threads/presence.js';
import type { Service } from '../threads/service.js';
import type { Route } from './guard.js';
import type { Kind } from './limits.js';
import { SCHEMAS } from './schemas.js';
import type { ClientSocket } from './session.js';

/** Several discussions may stand on one page; this many don't. */
const THREADS_PER_SOCKET = 64;

export interface RoutesOptions {
  service: Service;
  guests: Guests;
  live: LiveThreads;
  presence: Presence;
}

type Handler<N extends RequestName> = (payload: RequestOf<N>) => Promise<DataOf<N>>;

/** The table of one socket's requests. */
export function routesOf(socket: ClientSocket, options: RoutesOptions): ReadonlyMap<string, Route> {
  const { service, guests, presence } = options;
  const session = socket.data;
  const table = new Map<string, Route>();
  const on = <N extends RequestName>(name: N, kind: Kind, handle: Handler<N>): void => {
    table.set(name, { schema: SCHEMAS[name], kind, handle });
  };

  on('thread:join', 'join', (request) => service.join(session, request, (id) => enter(socket, id, options)));
  on('thread:leave', 'read', ({ thread }) => {
    leave(socket, thread, options);
    return Promise.resolve({});
  });
  on('thread:page', 'read', (request) => service.page(session, request));
  on('thread:locate', 'read', (request) => service.locate(session, request));
  on('thread:news', 'read', (request) => service.news(session, request));
  on('me:guest', 'guest', async ({ name }) => {
    const { author, token, me } = await guests.become(session.site, session.author, name);
    session.author = author;
    return { token, me };
  });
  on('reply:create', 'write', async (request) => {
    const reply = await service.create(session, request);
    if (session.author) presence.wrote(request.thread, session.author.name);
    return { reply };
  });
  on('reply:edit', 'write', async (request) => ({ reply: await service.edit(session, request) }));
  on('reply:remove', 'write', async (request) => ({ reply: await service.remove(session, request) }));
  on('reply:restore', 'write', async (request) => ({ reply: await service.restore(session, request) }));
  on('reply:preview', 'preview', (request) => service.preview(session, request));
  on('reply:history', 'read', (request) => service.history(session, request));
  on('reply:source', 'read', async (request) => ({ body: await service.source(session, request) }));
  on('reply:vote', 'write', (request) => service.vote(session, request));
  on('reply:react', 'write', (request) => service.react(session, request));
  on('reply:report', 'write', async ({ note, ...request }) => {
    await service.report(session, { ...request, ...(note === undefined ? {} : { note: checkNote(note) }) });
    return {};
  });
  table.set('thread:typing', {
    schema: SCHEMAS['thread:typing'],
    kind: 'read',
    handle: ({ thread }: { thread: string }) => {
      if (!session.author) throw new AppError('sign_in_required');
      if (session.site.rules.typing && session.threads.has(thread)) presence.typing(thread, session.author.name);
      return {};
    },
  });
  return table;
}

/** Begins to hear a thread. Before anything is read: what is published meanwhile must not be missed. */
function enter(socket: ClientSocket, threadId: string, { live, presence }: RoutesOptions): void {
  const { threads } = socket.data;
  // The line may have gone while the thread was looked up: nobody would leave it any more.
  if (!socket.connected) throw new AppError('overloaded');
  if (!threads.has(threadId)) {
    if (threads.size >= THREADS_PER_SOCKET) throw invalid('key', `At most ${THREADS_PER_SOCKET} threads at once.`);
    threads.add(threadId);
    live.open(threadId);
    presence.entered(threadId, socket.data.site.rules.presence);
  }
  void socket.join(threadId);
}

/** Stops hearing a thread; nothing where it wasn't joined. */
export function leave(socket: ClientSocket, threadId: string, { live, presence }: RoutesOptions): void {
  if (!socket.data.threads.delete(threadId)) return;
  void socket.leave(threadId);
  live.close(threadId);
  presence.left(threadId);
}
