// A guest who writes one reply after the other, each of which is sent until it is acknowledged, always under the same id
// (CUR5, REQ1).
import { setTimeout as pause } from 'node:timers/promises';

import { newId } from '../../shared/ids.js';
import { openLine } from './stubborn-line.js';

export interface StubbornWriter {
  /** Ids in the order in which they were acknowledged. */
  acknowledged: string[];
  /** Every id that was ever sent. */
  sent: Set<string>;
  /** Refusals that are not about a server that is away. */
  refused: unknown[];
  /** Begins no more, and resolves when everything begun is acknowledged. */
  finish(): Promise<void>;
  close(): void;
}

export interface WriterOptions {
  url: string;
  key: string;
  name: string;
  /** Sends under way at once. */
  lanes: number;
  /** By default a WebSocket. */
  transport?: 'websocket' | 'polling';
}

export async function startWriter({ url, key, name, lanes, transport }: WriterOptions): Promise<StubbornWriter> {
  const { thread, insist, close } = await openLine(url, key, name, transport);
  const writer = { acknowledged: [] as string[], sent: new Set<string>(), refused: [] as unknown[] };
  let finishing = false;

  async function lane(): Promise<void> {
    while (!finishing) {
      const id = newId();
      writer.sent.add(id);
      const answer = await insist('reply:create', { thread, id, body: `${name} says ${id}` });
      if (answer.ok) writer.acknowledged.push(id);
      else {
        writer.refused.push(answer.error);
        await pause(50);
      }
    }
  }
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    ...writer,
    finish: async () => {
      finishing = true;
      await all;
    },
    close,
  };
}
