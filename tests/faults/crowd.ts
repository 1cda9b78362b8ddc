// Sixteen people who write, edit, vote and remove in four discussions, and two readers of each on every node, one of whom only
// counts what is new. Owns knowing when the crowd is served again after a fault.
import { newId } from '../../shared/ids.js';
import { startReader, type FaithfulReader } from '../support/faithful-reader.js';
import { until } from '../support/until.js';
import { Random } from '../sim/random.js';
import { startAuthor, type Author, type Common } from './author.js';
import type { Stage } from './stage.js';

const THREADS = 4;
const WRITERS = 16;

export interface Talk {
  key: string;
  writers: Author[];
  readers: FaithfulReader[];
  common: Common;
  /** The highest seq that was acknowledged. */
  seq: number;
}

export interface Recovery {
  /** From the end of the fault until a reply, an edit or a removal of every writer was acknowledged. */
  writtenMs: number;
  /** And until every reader had these changes. */
  readMs: number;
  /** And until every node was told by another one that something moved; 0 where there is one node. */
  heardMs: number;
}

export async function gather({ nodes }: Stage, random: Random): Promise<Talk[]> {
  const urlOf = (n: number): string => nodes[n % nodes.length]!.url;
  const begin = (): Talk => {
    return { key: newId(), writers: [], readers: [], common: { lively: [], shunned: new Set() }, seq: 0 };
  };
  const talks = Array.from({ length: THREADS }, begin);
  const seeds = Array.from({ length: WRITERS }, () => random.below(2 ** 32));
  for (const talk of talks) {
    talk.readers = (['live', 'digest'] as const).flatMap((lane) =>
      nodes.map(({ url }) => startReader(url, talk.key, lane)),
    );
  }
  await until(() => talks.every(({ readers }) => readers.every((reader) => reader.held())), 'the readers to join', {
    withinMs: 15_000,
  });
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, n) => {
      const talk = talks[n % THREADS]!;
      const { key, common } = talk;
      const onAcknowledged = (seq: number): void => void (talk.seq = Math.max(talk.seq, seq));
      const url = urlOf(Math.floor(n / THREADS));
      const own = new Random(seeds[n]!);
      talk.writers.push(await startAuthor({ url, key, name: `Writer ${n}`, common, random: own, onAcknowledged }));
    }),
  );
  return talks;
}

/** Resolves when everybody is served again; fails where that takes longer than `withinMs`. */
export async function recover({ nodes }: Stage, talks: readonly Talk[], withinMs: number): Promise<Recovery> {
  const from = performance.now();
  const writers = talks.flatMap((talk) => talk.writers);
  const before = writers.map(({ done }) => done.changes);
  const hasWritten = ({ done }: Author, n: number): boolean => done.changes > before[n]!;
  await until(() => writers.every(hasWritten), 'a change of every writer to be acknowledged', { withinMs });
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
