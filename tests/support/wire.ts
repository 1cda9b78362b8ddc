// A line that speaks Socket.IO by hand (Engine.IO 4, protocol 5), for everything that no client library would send.
import { WebSocket } from 'ws';

import type { Answer } from '../../shared/protocol.js';

export interface Wire {
  /** Text frames as they came, pings left out. */
  frames: string[];
  /** Any frame. Engine.IO's type in front: `4` is a message, and `42[...]` one of Socket.IO's events. */
  send(frame: string | Buffer): void;
  /** Sends `["event",...]`, given as text, with an acknowledgement id, and waits for the answer. */
  ask(event: string): Promise<Answer<unknown>>;
  /** The next frame that begins so, as parsed JSON behind the beginning. */
  next(beginning: string): Promise<unknown>;
  /** Stops reading from the line, so that it fills up, and goes on. */
  pause(): void;
  resume(): void;
  isOpen(): boolean;
  /** WebSocket close code, once it is closed. */
  closed: Promise<number>;
  close(): void;
}

/** The server answers within 6 s even where its database swallows everything. */
const FRAME_MS = 8_000;

export const AUTH = '{"protocol":1,"site":"demo"}';

/** Opens the line and sends CONNECT with this text as `auth`; what comes back to that is in `frames`. */
export async function openWire(url: string, auth: string = AUTH, headers: Record<string, string> = {}): Promise<Wire> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, { headers });
  const frames: string[] = [];
  const waiting = new Set<() => void>();
  let asked = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    const frame = isBinary ? `(${data.length} bytes)` : data.toString();
    if (frame === '2') return socket.send('3');
    frames.push(frame);
    waiting.forEach((look) => look());
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  socket.on('error', () => socket.terminate());
  socket.send(`40${auth}`);

  const next = (beginning: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiting.delete(look);
        clearTimeout(timer);
        settle();
      };
      const look = (): void => {
        const found = frames.find((frame) => frame.startsWith(beginning));
        if (found !== undefined) end(() => resolve(JSON.parse(found.slice(beginning.length))));
        else if (socket.readyState === WebSocket.CLOSED)
          end(() => reject(new Error(`closed before "${beginning}..."`)));
      };
      const late = (): void => end(() => reject(new Error(`no frame "${beginning}..." in ${FRAME_MS} ms`)));
      const timer = setTimeout(late, FRAME_MS);
      waiting.add(look);
      void closed.then(look);
      look();
    });
  const wire: Wire = {
    frames,
    send: (frame) => socket.send(frame),
    ask: async (event) => {
      const id = asked++;
      socket.send(`42${id}${event}`);
      return ((await next(`43${id}`)) as [Answer<unknown>])[0];
    },
    next,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    closed,
    close: () => socket.close(),
  };
  return wire;
}

/** A line that was let in. */
export async function connectWire(url: string, auth?: string, headers?: Record<string, string>): Promise<Wire> {
  const wire = await openWire(url, auth, headers);
  await wire.next('40');
  return wire;
}
