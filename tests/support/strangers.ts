// Lines that say no more than a test wants, by polling and by WebSocket: openers for tests of what strangers may do.
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { send } from './http.js';

export const POLL = '/socket.io/?EIO=4&transport=polling';

/** The headers of a reader behind a proxy that is believed. */
export const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

/** Opens a polling line that has said nothing. */
export async function openPoll(url: string): Promise<string> {
  const { text } = await send(url, POLL);
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

export const post = (url: string, sid: string, body: string) =>
  send(url, `${POLL}&sid=${sid}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });

/** A WebSocket that says nothing by itself, but answers pings. */
export async function openSocket(url: string, query = '', headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket${query}`, {
    headers,
  });
  socket.on('message', (data: Buffer) => data.toString() === '2' && socket.send('3'));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

export const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => void socket.once('close', resolve));

/** The next frame that begins so. */
export const heard = (socket: WebSocket, beginning: string): Promise<string> =>
  new Promise((resolve) => {
    socket.on('message', (data: Buffer) => data.toString().startsWith(beginning) && resolve(data.toString()));
  });

export const tcpOf = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;
