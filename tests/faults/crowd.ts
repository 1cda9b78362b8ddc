// Sixteen people who write in four discussions, and two readers of each, spread over the nodes. Owns knowing when the
// crowd is served again after a fault.
import { newId } from '../../shared/ids.js';
import { startReader, type FaithfulReader } from '../support/faithful-reader.js';
import { startWriter, type StubbornWriter } from '../support/stubborn-writer.js';
import { until } from '../support/until.js';
import type { Stage } from './stage.js';

const THREADS = 4;
const WRITERS = 16;
/** Some 300 replies a second in all, so that a run stays readable. */
const REST_MS = 40;

export interface Talk {
  key: string;
  writers: StubbornWriter[];
  readers: FaithfulReader[];
  /** The seq of the last acknowledged reply. */
  seq: number;
}

export interface Recovery {
  /** From the end of the fault until a reply of every writer was acknowledged. */
  writtenMs: number;
  /** And until every reader had these replies. */
  readMs: number;
  /** And until every node was told by another one that something moved; 0 where there is one node. */
  heardMs: number;
}

export async function gather({ nodes }: Stage): Promise<Talk[]> {
  const urlOf = (n: number): string => nodes[n % nodes.length]!.url;
  const talks = Array.from({ length: THREADS }, (): Talk => ({ key: newId(), writers: [], readers: [], seq: 0 }));
  for (const talk of talks) talk.readers = nodes.concat(nodes).map(({ url }) => startReader(url, talk.key));
  await until(() => talks.every(({ readers }) => readers.every((reader) => reader.held())), 'the readers to join', {
    withinMs: 15_000,
  });
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, n) => {
      const talk = talks[n % THREADS]!;
      const onAcknowledged = (seq: number): void => void (talk.seq = Math.max(talk.seq, seq));
      const name = `Writer ${n}`;
      const url = urlOf(Math.floor(n / THREADS));
      talk.writers.push(await startWriter({ url, key: talk.key, name, lanes: 1, restMs: REST_MS, onAcknowledged }));
    }),
  );
  return talks;
}

/** Resolves when everybody is served again; fails where that takes longer than `withinMs`. */
export async function recover({ nodes }: Stage, talks: readonly Talk[], withinMs: number): Promise<Recovery> {
  const from = performance.now();
  const writers = talks.flatMap((talk) => talk.writers);
  const before = writers.map(({ acknowledged }) => acknowledged.length);
  const hasWritten = ({ acknowledged }: StubbornWriter, n: number): boolean => acknowledged.length > before[n]!;
  await until(() => writers.every(hasWritten), 'a reply of every writer to be acknowledged', { withinMs });
  const writtenMs = Math.round(performance.now() - from);
  const marks = talks.map(({ seq }) => seq);
  const isRead = ({ readers }: Talk, n: number): boolean =>
    readers.every((reader) => (reader.held()?.cursor.seq ?? 0) >= marks[n]!);
  await until(() => talks.every(isRead), 'every reader to have it', { withinMs });
  const readMs = Math.round(performance.now() - from);
  if (nodes.length === 1) return { writtenMs, readMs, heardMs: 0 };
  // Readers are level by the poll as well: that the nodes tell each other again is seen only here.
  const counts = (): Promise<number[]> => Promise.all(nodes.map((node) => node.hintsHeard()));
  const heard = await counts();
  const hear = async (): Promise<boolean> => (await counts()).every((count, n) => count > heard[n]!);
  await until(hear, 'every node to hear of the others', { withinMs, everyMs: 25 });
  return { writtenMs, readMs, heardMs: Math.round(performance.now() - from) };
}
