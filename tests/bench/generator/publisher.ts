// The one that makes a server publish: a guest who writes replies to ours, or who gives a baseline its orders.
import { newId } from '../../../shared/ids.js';
import type { Reply } from '../../../shared/views.js';
import type { Order } from '../programs/order.js';
import { someTexts } from '../programs/text.js';
import { makeReadBuffer } from '../wire/connection.js';
import { PlainPeer } from '../wire/plain.js';
import { Peer } from '../wire/socketio.js';
import { AUTH, type Kind } from './crowd.js';

/** Characters of a reply, where nothing else is said. */
const BODY_LENGTH = 700;

export interface Publisher {
  /** Makes event number `event` happen; the reply's id is given, so that it is known before anything comes back. */
  publish(event: number, id: string, insert: boolean): void;
  /** Called with the `born` of each reply of ours that is acknowledged. */
  onBorn: (event: number, born: number) => void;
  /** Resolves when everything that was published is answered; at once for a baseline, which answers nothing. */
  settled(): Promise<void>;
  /** Refused writes, lost lines. */
  problems(): readonly string[];
  end(): void;
}

export async function makePublisher(
  kind: Kind,
  port: number,
  key: string,
  bodyLength = BODY_LENGTH,
): Promise<Publisher> {
  const problems: string[] = [];
  const onLost = (error: Error): void => void problems.push(`the publisher lost its line: ${error.message}`);
  const buffer = makeReadBuffer();
  const bodies = someTexts(bodyLength);
  const bodyOf = (event: number): string => bodies[event % bodies.length]!;
  if (kind === 'product') {
    const peer = new Peer(port, buffer, AUTH, { onLost });
    await peer.connected();
    await peer.ask('me:guest', { name: 'Bench writer' });
    const { thread } = await peer.ask<{ thread: { id: string } }>('thread:join', { key, limit: 1 });
    await peer.ask('thread:leave', { thread: thread.id });
    let last: Promise<unknown> = Promise.resolve();
    const publisher: Publisher = {
      publish: (event, id) => {
        const request = { thread: thread.id, id, body: bodyOf(event) };
        const noted = peer.ask<{ reply: Reply }>('reply:create', request).then(
          ({ reply }) => publisher.onBorn(event, reply.born),
          (error: unknown) => void problems.push(String(error)),
        );
        last = last.then(() => noted);
      },
      onBorn: () => {},
      settled: async () => void (await last),
      problems: () => problems,
      end: () => peer.end(),
    };
    return publisher;
  }
  const { send, end } = await connectBaseline(kind, port, buffer, onLost);
  const thread = newId();
  return {
    publish: (event, id, insert) => send({ id, thread, body: bodyOf(event), seq: event + 1, insert }),
    onBorn: () => {},
    settled: () => Promise.resolve(),
    problems: () => problems,
    end,
  };
}

async function connectBaseline(kind: Kind, port: number, buffer: Buffer, onLost: (error: Error) => void) {
  if (kind === 'ws') {
    const peer = new PlainPeer(port, buffer, { onLost });
    await peer.connected();
    return { send: (order: Order): void => peer.send(order), end: (): void => peer.end() };
  }
  const peer = new Peer(port, buffer, { publisher: true }, { onLost });
  await peer.connected();
  return { send: (order: Order): void => peer.tell('publish', order), end: (): void => peer.end() };
}
