// The contract of every bus (server/bus/bus.ts), as tests over two nodes and more.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import type { Bus, GapHint, HeadHint, Hint, PresenceHint } from '../../server/bus/bus.js';
import { until } from '../support/until.js';

export interface BusLine {
  /** One more node. */
  node(): Bus;
  end(): Promise<void>;
}

export interface Node {
  bus: Bus;
  heard: (Hint | GapHint)[];
  heads(thread: string): number[];
  presence(thread: string): PresenceHint[];
}

export async function startNode(line: BusLine): Promise<Node> {
  const heard: (Hint | GapHint)[] = [];
  const bus = line.node();
  await bus.start((hint) => heard.push(hint));
  return {
    bus,
    heard,
    heads: (thread) =>
      heard.filter((hint): hint is HeadHint => hint.kind === 'head' && hint.thread === thread).map(({ head }) => head),
    presence: (thread) =>
      heard.filter((hint): hint is PresenceHint => hint.kind === 'presence' && hint.thread === thread),
  };
}

export function busContract(name: string, make: () => Promise<BusLine>): void {
  describe(`the bus contract, ${name}`, () => {
    let line: BusLine;
    let one: Node;
    let two: Node;
    beforeEach(async () => {
      line = await make();
      one = await startNode(line);
      two = await startNode(line);
    });
    afterEach(async () => {
      await Promise.all([one.bus.stop(), two.bus.stop()]);
      await line.end();
    });

    const typing = (thread: string, readers: number): PresenceHint => ({
      kind: 'presence',
      node: 'one',
      thread,
      readers,
      typing: ['Ana “the \\ quick” Müller', '😀'],
    });

    it('[PUMP3] a head that one node tells is heard by every other node', async () => {
      const three = await startNode(line);
      const thread = newId();
      one.bus.publish({ kind: 'head', thread, head: 7 });
      await until(() => two.heads(thread).length > 0 && three.heads(thread).length > 0, 'both to hear of it');
      expect(two.heads(thread)).toEqual([7]);
      expect(three.heads(thread)).toEqual([7]);
      await three.bus.stop();
    });

    it('[PUMP3] presence arrives as it was told', async () => {
      const hint = typing(newId(), 3);
      one.bus.publish(hint);
      await until(() => two.presence(hint.thread).length > 0, 'the other node to hear of it');
      expect(two.presence(hint.thread)).toEqual([hint]);
    });

    it('a node does not hear itself', async () => {
      const thread = newId();
      one.bus.publish({ kind: 'head', thread, head: 1 });
      await until(() => two.heads(thread).length > 0, 'the other node to hear of it');
      two.bus.publish({ kind: 'head', thread, head: 2 });
      await until(() => one.heads(thread).length > 0, 'the answer');
      expect(one.heads(thread)).toEqual([2]);
      expect(two.heads(thread)).toEqual([1]);
    });

    it('[PUMP3] what is told in one moment is merged: the highest head and the last presence of a thread', async () => {
      const [busy, quiet] = [newId(), newId()];
      for (let head = 1; head <= 1_000; head++) one.bus.publish({ kind: 'head', thread: busy, head });
      one.bus.publish({ kind: 'head', thread: busy, head: 500 });
      one.bus.publish({ kind: 'head', thread: quiet, head: 1 });
      for (let readers = 1; readers <= 50; readers++) one.bus.publish(typing(busy, readers));
      await until(() => two.heads(quiet).length > 0 && two.presence(busy).length > 0, 'all of it to arrive');
      expect(two.heads(busy)).toEqual([1_000]);
      expect(two.presence(busy)).toEqual([typing(busy, 50)]);
    });

    it('a head and presence of one thread do not displace each other', async () => {
      const thread = newId();
      one.bus.publish({ kind: 'head', thread, head: 4 });
      one.bus.publish(typing(thread, 2));
      one.bus.publish({ kind: 'head', thread, head: 5 });
      await until(() => two.heads(thread).length > 0 && two.presence(thread).length > 0, 'both to arrive');
      expect(two.heads(thread)).toEqual([5]);
    });

    it('any number of threads can move in one moment', async () => {
      const threads = Array.from({ length: 1_000 }, () => newId());
      threads.forEach((thread, n) => one.bus.publish({ kind: 'head', thread, head: n + 1 }));
      for (const thread of threads.slice(0, 100)) one.bus.publish(typing(thread, 1));
      await until(() => two.heard.filter(({ kind }) => kind !== 'gap').length === 1_100, 'every hint to arrive');
      threads.forEach((thread, n) => expect(two.heads(thread)).toEqual([n + 1]));
    });

    it('what was said before stopping arrives', async () => {
      const thread = newId();
      const three = line.node();
      await three.start(() => {});
      three.publish({ kind: 'head', thread, head: 3 });
      three.publish({ ...typing(thread, 0), typing: [] });
      await three.stop();
      await until(() => two.heads(thread).length > 0 && two.presence(thread).length > 0, 'both to arrive');
      expect(two.presence(thread)).toMatchObject([{ readers: 0, typing: [] }]);
    });

    it('after stopping nothing is heard, and telling it something is harmless', async () => {
      const thread = newId();
      const three = await startNode(line);
      await two.bus.stop();
      two.bus.publish({ kind: 'head', thread, head: 9 });
      one.bus.publish({ kind: 'head', thread, head: 1 });
      await until(() => three.heads(thread).length > 0, 'the third node to hear of it');
      expect(two.heads(thread)).toEqual([]);
      expect(three.heads(thread)).toEqual([1]);
      await three.bus.stop();
    });
  });
}
