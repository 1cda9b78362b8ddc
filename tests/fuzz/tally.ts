// What came of the inputs of one kind, for the table, and the bounds that every answer keeps.

/** The server answers within 6 s even where its database swallows everything; some for the road and a busy machine. */
export const ANSWER_MS = 9_000;
/** A page of 50 replies with their first descendants, each as long as one may be. Most of what is sent brings a few kB. */
export const ANSWER_BYTES = 8 * 1024 * 1024;
/** A refusal: a code, a sentence, a field. A conflict brings the reply as it is now, and is an answer. */
export const REFUSAL_BYTES = 2 * 1024;

/** Nothing of how it is made may be told to whoever asks. */
const LEAK =
  /node_modules|\/(?:server|dist)\/|\.[jt]s:\d|\n\s+at |postgres(?:ql)?:\/\/|\bselect\b.+\bfrom\b|violates|ECONN|ENOENT/i;

export class Tally {
  inputs = 0;
  answered = 0;
  refused = 0;
  closed = 0;
  largest = 0;
  slowest = 0;
  /** How often each outcome came, by its name. */
  readonly outcomes = new Map<string, number>();

  outcome(name: string): void {
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }

  /** Counts one answer; what is wrong with it. */
  answer({ bytes, ms }: { bytes: number; ms: number }): string[] {
    this.largest = Math.max(this.largest, bytes);
    this.slowest = Math.max(this.slowest, ms);
    const found: string[] = [];
    if (bytes > ANSWER_BYTES) found.push(`an answer of ${bytes} bytes`);
    if (ms > ANSWER_MS) found.push(`an answer after ${Math.round(ms)} ms`);
    return found;
  }

  /** What a refusal may not say. */
  refusal(told: string): string[] {
    this.refused += 1;
    const found: string[] = [];
    if (told.length > REFUSAL_BYTES) found.push(`a refusal of ${told.length} characters: ${told.slice(0, 200)}`);
    const leak = LEAK.exec(told);
    if (leak) found.push(`a refusal tells "${leak[0]}": ${told.slice(0, 300)}`);
    return found;
  }
}
