// What one look at the installation found. Every check returns findings; none throws for what it is there to find.

export interface Finding {
  /** What was looked at, in a word or two. */
  what: string;
  state: 'ok' | 'warning' | 'problem';
  /** What is the case. Holds no secret. */
  says: string;
  /** What to do about it; empty where all is well. */
  todo: string;
}

export const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says, todo: '' });
export const warning = (what: string, says: string, todo: string): Finding => ({ what, state: 'warning', says, todo });
export const problem = (what: string, says: string, todo: string): Finding => ({ what, state: 'problem', says, todo });

/** The system's words for why something did not work. */
export function reasonOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: unknown };
  if (cause !== undefined) return reasonOf(cause);
  return message ? message.split('\n')[0]! : (code ?? String(error));
}
