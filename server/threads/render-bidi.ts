// Owns what keeps the direction of a text inside its block: closing what its bidi controls leave open, and guessing the
// direction of a container. Rules: Unicode Bidirectional Algorithm (UAX #9), X1 to X8 and P2.

const EMBEDDINGS = /[\u202a\u202b\u202d\u202e]/;
const ISOLATES = /[\u2066-\u2068]/;
const POP_EMBEDDING = '\u202c';
const POP_ISOLATE = '\u2069';
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** The controls that close what this text leaves open, innermost first; '' for nearly every text. */
export function closers(text: string): string {
  const open: string[] = [];
  for (const [control] of text.matchAll(CONTROLS)) {
    if (ISOLATES.test(control)) open.push(POP_ISOLATE);
    else if (EMBEDDINGS.test(control)) open.push(POP_EMBEDDING);
    // A pop closes nothing outside the innermost isolate; the end of an isolate ends the embeddings in it.
    else if (control === POP_EMBEDDING && open.at(-1) === POP_EMBEDDING) open.pop();
    else if (control === POP_ISOLATE && open.includes(POP_ISOLATE)) open.length = open.lastIndexOf(POP_ISOLATE);
  }
  return open.reverse().join('');
}

/** Whether some of this text may be seen in another order than it is written in. */
export function isReordered(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

/** This text with its bidi controls closed. */
export function balanced(text: string): string {
  return text + closers(text);
}

/** Blocks of scripts that are written from right to left, by the ranges that Unicode reserves for them, and their mark. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const STRONG = /\p{L}|\u200e|\u200f/u;

/** The direction of the first strong character, null where there is none. */
export function firstDirection(text: string): 'ltr' | 'rtl' | null {
  const strong = STRONG.exec(text)?.[0];
  if (strong === undefined) return null;
  return RIGHT_TO_LEFT.test(strong) ? 'rtl' : 'ltr';
}
