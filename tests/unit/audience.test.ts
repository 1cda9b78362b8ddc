// Pushing to a large room in slices: who hears what, in which order, and what happens in between.
import { beforeEach, describe, expect, it } from 'vitest';

import { NO_METRICS } from '../../server/metrics/metrics.js';
import { Audience } from '../../server/socket/audience.js';
import type { ClientSocket } from '../../server/socket/session.js';

const ROOM = 'room';
/** More than two slices, each of which has five milliseconds, and what is written at once, in one. */
const MANY = 2_500;
const IN_A_SLICE = 1_000;
const AT_ONCE = 200;

let audience: Audience;
let readers: Reader[];
let lost: unknown[];
let written: number;
beforeEach(() => {
  lost = [];
  written = 0;
  // Time goes by with what is written.
  const clock = { now: () => (written * 5) / IN_A_SLICE };
  audience = new Audience(NO_METRICS, (error) => lost.push(error), clock);
  readers = Array.from({ length: MANY }, makeReader);
  for (const { socket } of readers) audience.enter(ROOM, socket);
});

interface Reader {
  socket: ClientSocket;
  heads: number[];
}

/** A reader whose engine is not known, so that pushes are handed to its public interface. */
function makeReader(): Reader {
  const heads: number[] = [];
  const conn = {
    writeBuffer: [],
    write: (packet: string) => {
      written += 1;
      heads.push((JSON.parse(packet.slice(1)) as [string, { head: number }])[1].head);
    },
  };
  return { socket: { data: { direct: false }, conn } as unknown as ClientSocket, heads };
}

const push = (head: number): void => audience.push(ROOM, 'thread:stale', { thread: 't', head });
const beat = (head: number): void =>
  audience.push(ROOM, 'thread:beat', { thread: 't', epoch: 'e', head, readers: 1, typing: [] });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const served = (among = readers): number => among.filter(({ heads }) => heads.length > 0).length;

async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await turn();
}

describe('[PUMP9] an audience', () => {
  it('is written to in slices, with a turn of the event loop between them', async () => {
    push(1);
    expect(served()).toBe(AT_ONCE);
    await turn();
    expect(served()).toBe(AT_ONCE + IN_A_SLICE);
    await turn();
    expect(served()).toBe(AT_ONCE + 2 * IN_A_SLICE);
    await turn();
    expect(served()).toBe(MANY);
    expect(audience.busyMs(ROOM)).toBe(12.5);
  });

  it('shares a turn with all others that are large: one after the other, and together no more than one slice', async () => {
    const others = Array.from({ length: MANY }, makeReader);
    for (const { socket } of others) audience.enter('other', socket);
    push(1);
    audience.push('other', 'thread:stale', { thread: 'o', head: 1 });
    const both = (): number[] => [served(), served(others)];
    expect(both()).toEqual([AT_ONCE, AT_ONCE]);
    await turn();
    expect(both()).toEqual([AT_ONCE + IN_A_SLICE, AT_ONCE]);
    await turn();
    expect(both()).toEqual([AT_ONCE + IN_A_SLICE, AT_ONCE + IN_A_SLICE]);
    await turn();
    expect(both()).toEqual([AT_ONCE + 2 * IN_A_SLICE, AT_ONCE + IN_A_SLICE]);
    await turn();
    expect(both()).toEqual([AT_ONCE + 2 * IN_A_SLICE, AT_ONCE + 2 * IN_A_SLICE]);
    await turn();
    expect(both()).toEqual([MANY, MANY]);
  });

  it('that is small hears everything at once, also beside a large one', async () => {
    const small = makeReader();
    audience.enter('small', small.socket);
    push(1);
    for (const head of [1, 2]) audience.push('small', 'thread:stale', { thread: 's', head });
    expect(small.heads).toEqual([1, 2]);
    push(2);
    await turn();
    audience.push('small', 'thread:stale', { thread: 's', head: 3 });
    expect(small.heads).toEqual([1, 2, 3]);
    expect(served()).toBe(AT_ONCE + IN_A_SLICE);
  });

  it('hears each push in the order of the calls, also those made while it is being written to', async () => {
    push(1);
    push(2);
    await turn();
    push(3);
    await settled();
    for (const { heads } of readers) expect(heads).toEqual([1, 2, 3]);
  });

  it('says that it is still written to, but for a beat, for which nothing waits', async () => {
    beat(1);
    expect(audience.busyMs(ROOM)).toBe(0);
    push(2);
    expect(audience.busyMs(ROOM)).toBe(Infinity);
    await settled();
    expect(audience.busyMs(ROOM)).toBe(12.5);
  });

  it('hears news before a beat, also in the middle of one, and no second beat before the first', async () => {
    beat(1);
    push(2);
    push(3);
    beat(4);
    await settled();
    beat(5);
    push(6);
    await settled();
    // What is written at once had been.
    for (const { heads } of readers.slice(0, AT_ONCE)) expect(heads).toEqual([1, 2, 3, 5, 6]);
    for (const { heads } of readers.slice(AT_ONCE)) expect(heads).toEqual([2, 3, 1, 6, 5]);
  });

  it('may change meanwhile: who left hears no more, who came hears what follows', async () => {
    push(1);
    const gone = readers.at(-1)!;
    audience.leave(ROOM, gone.socket);
    const late = makeReader();
    audience.enter(ROOM, late.socket);
    await settled();
    push(2);
    await settled();
    expect(gone.heads).toEqual([]);
    expect(late.heads.at(-1)).toBe(2);
    expect(readers[0]!.heads).toEqual([1, 2]);
  });

  it('that is gone before its turn leaves nothing behind', async () => {
    push(1);
    for (const { socket } of readers) audience.leave(ROOM, socket);
    expect(audience.has(ROOM)).toBe(false);
    await settled();
    expect(served()).toBe(AT_ONCE);
  });

  it('loses who cannot be written to, and nobody else hears less', async () => {
    const broken = [readers[10]!, readers[1_010]!];
    for (const { socket } of broken) {
      Object.assign(socket.conn, {
        transport: {},
        write: () => {
          throw new Error('broken');
        },
        close: () => audience.leave(ROOM, socket),
      });
    }
    push(1);
    await settled();
    push(2);
    await settled();
    const others = readers.filter((reader) => !broken.includes(reader));
    for (const { heads } of others) expect(heads).toEqual([1, 2]);
    expect(lost).toEqual([new Error('broken'), new Error('broken')]);
  });
});
