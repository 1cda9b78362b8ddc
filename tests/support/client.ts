// A raw Socket.IO client, as a third party would write one: it knows the contract and nothing of the widget.
import { io, type Socket } from 'socket.io-client';

import type { ErrorBody } from '../../shared/errors.js';
import type { Answer, DataOf, JoinAnswer, RequestName, ServerToClient } from '../../shared/protocol.js';
import type { Snapshot, You } from '../../shared/views.js';

export interface TestClient {
  socket: Socket;
  /** Any event, any payload; rejects where no answer comes within eight seconds. */
  ask<T = unknown>(event: string, ...payload: unknown[]): Promise<Answer<T>>;
  /** A request that must succeed. */
  must<N extends RequestName>(event: N, payload: unknown): Promise<DataOf<N>>;
  /** A request that must be refused; returns why. */
  refused(event: string, ...payload: unknown[]): Promise<ErrorBody>;
  join(key: string, more?: Record<string, unknown>): Promise<JoinAnswer>;
  /** A join that must be answered with a snapshot. */
  snapshot(key: string, more?: Record<string, unknown>): Promise<Snapshot & { you: You }>;
  /** Everything pushed so far under this name, oldest first. */
  pushed<E extends keyof ServerToClient>(event: E): Parameters<ServerToClient[E]>[0][];
  close(): void;
}

/** The server answers within 6 s even where its database swallows everything. */
const ANSWER_MS = 8_000;

export interface ClientOptions {
  origin?: string;
  transports?: string[];
  headers?: Record<string, string>;
}

/** Connects; rejects with Socket.IO's `connect_error` (its `data.code` tells why). */
export function connectClient(
  url: string,
  auth: Record<string, unknown> = {},
  options: ClientOptions = {},
): Promise<TestClient> {
  const socket = io(url, {
    auth: { protocol: 1, site: 'demo', ...auth },
    transports: options.transports ?? ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { ...options.headers, ...(options.origin === undefined ? {} : { origin: options.origin }) },
  });
  const pushes: { event: string; payload: unknown }[] = [];
  socket.onAny((event: string, payload: unknown) => pushes.push({ event, payload }));
  const ask = <T>(event: string, ...payload: unknown[]): Promise<Answer<T>> =>
    socket.timeout(ANSWER_MS).emitWithAck(event, ...payload) as Promise<Answer<T>>;
  const must = async <N extends RequestName>(event: N, payload: unknown): Promise<DataOf<N>> => {
    const answer = await ask<DataOf<N>>(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return answer.data;
  };
  const join = (key: string, more: Record<string, unknown> = {}) => must('thread:join', { key, ...more });
  const client: TestClient = {
    socket,
    ask,
    must,
    join,
    refused: async (event, ...payload) => {
      const answer = await ask(event, ...payload);
      if (answer.ok) throw new Error(`${event} was accepted: ${JSON.stringify(answer.data)}`);
      return answer.error;
    },
    snapshot: async (key, more) => {
      const answer = await join(key, more);
      if (answer.mode !== 'snapshot') throw new Error(`expected a snapshot of ${key}, got a ${answer.mode}`);
      return answer;
    },
    pushed: <E extends keyof ServerToClient>(event: E) =>
      pushes.filter((push) => push.event === event).map((push) => push.payload as Parameters<ServerToClient[E]>[0]),
    close: () => void socket.disconnect(),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(client));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
}

/** Connects as a guest of this name. */
export async function connectGuest(
  url: string,
  name: string,
  auth: Record<string, unknown> = {},
  options: ClientOptions = {},
): Promise<TestClient> {
  const client = await connectClient(url, auth, options);
  await client.must('me:guest', { name });
  return client;
}
