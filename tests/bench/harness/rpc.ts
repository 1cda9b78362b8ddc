// Questions and answers between the harness and a process that it started. Owns the messages; what can be asked is
// each program's.

/** What a program can be asked: a name, one argument, an answer. */
export type Api = Record<string, (argument: never) => unknown>;
export type ArgumentOf<A extends Api, N extends keyof A> = Parameters<A[N]>[0];
export type AnswerOf<A extends Api, N extends keyof A> = Awaited<ReturnType<A[N]>>;

/** A process may serve two: what it is, and the probe that was put into it. */
export type Port = 'program' | 'probe';

export interface Question {
  port: Port;
  id: number;
  name: string;
  argument: unknown;
}

/** `READY` of a port tells that it can be asked: what is sent before then would be lost. */
export type Reply = { port: Port; id: number } & ({ answer: unknown } | { error: string });

export const READY = 0;

/** Answers the harness from inside a program. The program ends when the harness does, however that ended. */
export function serve<A extends Api>(port: Port, api: A): void {
  const send = (reply: Reply): void => void process.send?.(reply);
  process.on('message', (question: Question) => {
    if (question.port !== port) return;
    const { id, name, argument } = question;
    Promise.resolve()
      .then(() => api[name]!(argument as never))
      .then(
        (answer) => send({ port, id, answer }),
        (error: unknown) =>
          send({ port, id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
  if (port === 'program') {
    // It waits for questions, and ends in order when it is told to: a profile is written then.
    process.channel?.ref();
    process.once('SIGTERM', () => process.exit(0));
  } else {
    // A probe alone keeps no process alive.
    process.channel?.unref();
  }
  send({ port, id: READY, answer: null });
}
