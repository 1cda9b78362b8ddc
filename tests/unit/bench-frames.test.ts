// The benchmarks' WebSocket by hand: whatever the pieces in which a stream arrives, the frames are the same.
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';

import { clientFrame, FrameParser, OPCODE } from '../bench/wire/frames.js';

/** Not in the types of `ws`. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => Writable;
};

interface Frame {
  opcode: number;
  text: string;
}

function serverFrame(text: string, opcode: number = OPCODE.text): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = head.length === 2 ? payload.length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** Pushes the stream in pieces through one buffer that is used again, as sockets do. */
function parse(stream: Buffer, cuts: readonly number[]): Frame[] {
  const parser = new FrameParser();
  const shared = Buffer.alloc(stream.length);
  const frames: Frame[] = [];
  const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
  edges.slice(1).forEach((end, i) => {
    const piece = stream.subarray(edges[i], end);
    shared.fill(0xff);
    piece.copy(shared);
    parser.push(shared, piece.length, (opcode, bytes, from, to) => {
      frames.push({ opcode, text: bytes.toString('utf8', from, to) });
    });
  });
  return frames;
}

describe('FrameParser', () => {
  it('finds the same frames wherever the stream is cut', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', minLength: 100, maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }), (texts, numbers) => {
        const stream = Buffer.concat(texts.map((each) => serverFrame(each)));
        const cuts = numbers.map((number) => number % (stream.length + 1));
        expect(parse(stream, cuts)).toEqual(texts.map((each) => ({ opcode: OPCODE.text, text: each })));
      }),
    );
  });

  it.each([0, 125, 126, 65_535, 65_536])('reads a payload of %d bytes, cut at every place of its header', (length) => {
    const text = 'x'.repeat(length);
    const stream = Buffer.concat([serverFrame(text), serverFrame('after')]);
    for (let cut = 0; cut <= 11; cut++) {
      expect(parse(stream, [cut]).map((frame) => frame.text)).toEqual([text, 'after']);
    }
  });

  it('tells control frames by their opcode', () => {
    const stream = Buffer.concat([serverFrame('are you there', OPCODE.ping), serverFrame('', OPCODE.close)]);
    expect(parse(stream, [])).toEqual([
      { opcode: OPCODE.ping, text: 'are you there' },
      { opcode: OPCODE.close, text: '' },
    ]);
  });

  it.each([
    ['masked', [0x81, 0x80, 0, 0, 0, 0]],
    ['fragmented', [0x01, 0x00]],
    ['a continuation', [0x80, 0x00]],
    ['compressed', [0xc1, 0x00]],
  ])('throws for a frame that is %s', (_, bytes) => {
    expect(() => parse(Buffer.from(bytes), [])).toThrow(/frame|fragment/);
  });
});

describe('clientFrame', () => {
  it.each([0, 125, 126, 65_535, 65_536])('of %d bytes is understood by the server of the `ws` package', (length) => {
    const text = 'é'.repeat(length / 2) + 'x'.repeat(length % 2);
    const heard: string[] = [];
    const receiver = new Receiver({ isServer: true, maxPayload: 1e6 });
    receiver.on('message', (data: Buffer) => heard.push(data.toString()));
    receiver.write(clientFrame(text));
    expect(heard).toEqual([text]);
  });
});
