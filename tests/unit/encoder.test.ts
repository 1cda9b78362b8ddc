// What is encoded here must be read by the library's own decoder as the very same.
import { Decoder, PacketType, type Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';

import { AnswerEncoder, AnswerFrames } from '../../server/socket/encoder.js';

/** Its types leave it out. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

const frames = new AnswerFrames();
const encoder = new AnswerEncoder(frames);

function decoded(packet: Packet): Packet {
  const decoder = new Decoder();
  let found: Packet | undefined;
  decoder.on('decoded', (read) => (found = read));
  for (const part of encoder.encode(packet) as string[]) decoder.add(part);
  return found!;
}

const answer = (data: object, id = 7): Packet => ({
  type: PacketType.ACK,
  nsp: '/',
  id,
  data: [{ ok: true, data }],
});

const you = { me: null, votes: {} };
const replies = [{ id: 'a', html: '<p>“\u2028\ud83d\ude00” </p>' }];

describe('an answer to a join', () => {
  it.each([
    ['a delta', { mode: 'delta', delta: { v: 1, from: 1, to: 2, replies }, you, rules: { votes: 'up' } }],
    ['a snapshot', { mode: 'snapshot', cursor: { epoch: 'e', seq: 1 }, thread: { id: 't' }, replies, more: null, you }],
    ['an empty snapshot', { mode: 'snapshot', cursor: { epoch: 'e', seq: 0 }, replies: [], more: null, you }],
  ])('is %s as the library would write it', (_, data) => {
    expect(decoded(answer(data))).toMatchObject(answer(data));
    expect(decoded(answer(data, 0)).id).toBe(0);
  });

  it('is read again from the shared part only once, and from each one’s own part each time', () => {
    let times = 0;
    const delta = {
      get to() {
        return ++times;
      },
    };
    const found = [1, 2, 3].map((own) => decoded(answer({ mode: 'delta', delta, you: { own } })).data);
    expect(found).toEqual(
      [1, 2, 3].map((own) => [{ ok: true, data: { mode: 'delta', delta: { to: 1 }, you: { own } } }]),
    );
    expect(times).toBe(1);
  });
});

describe('the frame of an answer to a join', () => {
  it.each([0, 70, 60_000, 70_000])('is what the library would send, with %i characters more', (length) => {
    const delta = { v: 1, replies, filling: 'ä'.repeat(length) };
    const [text] = encoder.encode(answer({ mode: 'delta', you: { name: 'Zoë €' }, delta })) as [string];
    const frame = Buffer.concat(frames.frameOf(text)!);
    // As Socket.IO's adapter makes those of broadcasts.
    const options = { readOnly: false, mask: false, rsv1: false, opcode: 1, fin: true };
    const theirs = Buffer.concat(Sender.frame(Buffer.from(`4${text}`), options));
    expect(frame.equals(theirs)).toBe(true);
  });

  it('ends in the same bytes for all who get the same', () => {
    const delta = { v: 1, replies };
    const tails = [1, 2].map((own) => {
      const [text] = encoder.encode(answer({ mode: 'delta', delta, you: { own } })) as [string];
      return frames.frameOf(text)![1];
    });
    expect(tails[0]).toBe(tails[1]);
  });

  it('is there once, and for nothing else', () => {
    const [text] = encoder.encode(answer({ mode: 'snapshot', you, replies })) as [string];
    expect(frames.frameOf('2["server:drain",{}]')).toBeNull();
    expect(frames.frameOf(undefined)).toBeNull();
    expect(frames.frameOf(text)).not.toBeNull();
    expect(frames.frameOf(text)).toBeNull();
  });
});

it.each<[string, Packet]>([
  ['another answer', answer({ reply: { id: 'a' } })],
  ['a page', answer({ replies, more: null })],
  ['a refusal', { type: PacketType.ACK, nsp: '/', id: 1, data: [{ ok: false, error: { code: 'internal' } }] }],
  ['an answer of another namespace', { ...answer({ mode: 'delta', delta: {} }), nsp: '/other' }],
  ['an event', { type: PacketType.EVENT, nsp: '/', data: ['server:drain', { mode: 'delta' }] }],
])('%s is the library’s own', (_, packet) => {
  expect(decoded(packet)).toMatchObject(packet);
});
