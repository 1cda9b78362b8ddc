// What is encoded here must be read by the library's own decoder as the very same.
import { Decoder, PacketType, type Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';

import { AnswerEncoder } from '../../server/socket/encoder.js';

const encoder = new AnswerEncoder();

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

it.each<[string, Packet]>([
  ['another answer', answer({ reply: { id: 'a' } })],
  ['a page', answer({ replies, more: null })],
  ['a refusal', { type: PacketType.ACK, nsp: '/', id: 1, data: [{ ok: false, error: { code: 'internal' } }] }],
  ['an answer of another namespace', { ...answer({ mode: 'delta', delta: {} }), nsp: '/other' }],
  ['an event', { type: PacketType.EVENT, nsp: '/', data: ['server:drain', { mode: 'delta' }] }],
])('%s is the library’s own', (_, packet) => {
  expect(decoded(packet)).toMatchObject(packet);
});
