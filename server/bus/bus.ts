// How nodes tell each other that something moved (PUMP3). Owns the contract; what nodes tell carries no content.

/** Another node's readers of a thread and who is writing there; absolute, may be lost, forgotten after a while. */
export interface PresenceHint {
  kind: 'presence';
  node: string;
  thread: string;
  readers: number;
  typing: string[];
}

/** The thread has come to `head`; to be sent after the commit only. */
export interface HeadHint {
  kind: 'head';
  thread: string;
  head: number;
}

/** Hints may have been lost until now (the line was down): look at every active thread. */
export interface GapHint {
  kind: 'gap';
}

export type Hint = HeadHint | PresenceHint;

/**
 * Hints may be lost, doubled, late and in any order; the poll of the heads is the guarantee. A node does not hear its
 * own. `publish` never throws and never waits: what is said within a few milliseconds is merged (per thread the highest
 * head, per node and thread the last presence) and goes out together.
 */
export interface Bus {
  start(listener: (hint: Hint | GapHint) => void): Promise<void>;
  publish(hint: Hint): void;
  /** How many hints were said, and are neither acknowledged yet by what passes them on nor known to be lost. */
  readonly waiting: number;
  /** Says what is still to be said; then neither hears nor tells anything any more, and `publish` stays harmless. */
  stop(): Promise<void>;
}
