// Sends requests and frames on open WebSockets, many at a time, and judges what comes back.
import { setTimeout as pause } from 'node:timers/promises';

import { WebSocket } from 'ws';

import { ERRORS, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import { NIL_ID } from '../../shared/ids.js';
import type { Answer } from '../../shared/protocol.js';
import type { Frame } from './frames.js';
import { ANSWER_MS, type Tally } from './tally.js';
import type { Target } from './target.js';

const LINES = 16;
/** To open one. */
const ATTEMPTS = 5;
/** Under way at once on each line. */
const AT_ONCE = 16;
/** Frames between two questions whether the line is still served. */
const FRAMES = 3;
/** A namespace that a frame has left answers nothing, so that it has to be entered again. */
const SILENT_MS = 400;

/** A line that speaks by hand and reads answers only. */
class Line {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: string | null) => void>();
  readonly #listening = new Set<(frame: string) => void>();
  readonly closed: Promise<void>;
  #asked = 1_000_000;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const settle of this.#waiting.values()) settle(null);
        resolve();
      });
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer, isBinary) => {
      const frame = isBinary ? '' : data.toString();
      if (frame === '2') return socket.send('3');
      for (const listen of this.#listening) listen(frame);
      const [, id] = /^43(\d+)/.exec(frame) ?? [];
      if (id !== undefined) this.#waiting.get(Number(id))?.(frame.slice(2 + id.length));
    });
  }

  /** Who is turned away for a while, as on a busy machine, comes back when told, as every client does. */
  static async open(target: Target, attempts = ATTEMPTS): Promise<Line> {
    const line = await Line.dial(target);
    line.send({ text: `40${JSON.stringify({ protocol: 1, site: 'demo', token: target.token })}` });
    const told = await line.hears(/^4[04]/);
    if (told?.startsWith('40')) return line;
    const isSilent = told === null && line.isOpen;
    line.end();
    const { data } = JSON.parse(told?.slice(2) ?? '{}') as { data?: ErrorBody };
    if (!data?.retryAfterMs || attempts <= 1) {
      throw new Error(`no line could be opened: ${told ?? (isSilent ? 'nothing was said' : 'it was closed')}`);
    }
    await pause(data.retryAfterMs);
    return Line.open(target, attempts - 1);
  }

  /** Before it has said who it is. */
  static async dial(target: Target): Promise<Line> {
    const url = `${target.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { headers: target.from() });
    const line = new Line(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve).once('error', reject);
    });
    return line;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send({ text, base64 }: Frame): void {
    this.#socket.send(text ?? Buffer.from(base64!, 'base64'));
  }

  /** The answer's text; null where the line was closed instead, undefined where nothing came. */
  async ask(event: string, withinMs = ANSWER_MS): Promise<string | null | undefined> {
    const id = this.#asked++;
    this.send({ text: `42${id}${event}` });
    return await settled<string | null>(withinMs, (settle) => {
      this.#waiting.set(id, settle);
      if (!this.isOpen) settle(null);
    }).finally(() => this.#waiting.delete(id));
  }

  /** The next frame that looks so; null where none came. */
  async hears(pattern: RegExp, withinMs = ANSWER_MS): Promise<string | null> {
    let listen = (_: string): void => {};
    const heard = await settled<string | null>(withinMs, (settle) => {
      listen = (frame) => pattern.test(frame) && settle(frame);
      this.#listening.add(listen);
      void this.closed.then(() => settle(null));
    });
    this.#listening.delete(listen);
    return heard ?? null;
  }

  /** Whether it is still served, or was closed; false: neither. */
  async isServed(): Promise<boolean> {
    if ((await this.ask(`["thread:leave",{"thread":"${NIL_ID}"}]`, SILENT_MS)) !== undefined) return true;
    if (this.isOpen) this.send({ text: '40{"protocol":1,"site":"demo"}' });
    return (await this.hears(/^4[034]/)) !== null || !this.isOpen;
  }

  end(): void {
    this.#socket.terminate();
  }
}

async function settled<T>(withinMs: number, start: (settle: (value: T) => void) => void): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T | undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), withinMs);
      start(resolve);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Deals the inputs out to a few workers; each asks for its next one when it is ready. */
export async function deal<T>(
  inputs: readonly T[],
  workers: number,
  work: (next: () => T | undefined) => Promise<void>,
): Promise<void> {
  let n = 0;
  await Promise.all(Array.from({ length: Math.min(workers, inputs.length) }, () => work(() => inputs[n++])));
}

export async function sendEvents(target: Target, inputs: readonly string[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  const lines: Line[] = [];
  await deal(inputs, LINES, async (next) => {
    const line = await Line.open(target);
    lines.push(line);
    const lane = async (): Promise<void> => {
      for (let event = next(); event !== undefined; event = next()) {
        const from = performance.now();
        const told = await line.ask(event);
        tally.inputs += 1;
        const problems =
          told === undefined ? ['no answer'] : told === null ? ['the line was closed'] : judge(event, told, tally);
        if (told) problems.push(...tally.answer({ bytes: told.length, ms: performance.now() - from }));
        found.push(...problems.map((problem) => `${event.slice(0, 300)}: ${problem}`));
        if (told === undefined || told === null) return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  });
  for (const line of lines) line.end();
  return found;
}

function judge(event: string, told: string, tally: Tally): string[] {
  const [answer] = JSON.parse(told) as [Answer<unknown>];
  const name = (JSON.parse(event) as unknown[])[0];
  if (answer.ok) {
    tally.answered += 1;
    tally.outcome(String(name));
    return [];
  }
  const { current, ...error } = answer.error as ErrorBody & { current?: unknown };
  tally.outcome(error.code);
  const found = tally.refusal(JSON.stringify(error));
  if (!(error.code in ERRORS)) return [...found, `an error that isn't in the list: ${error.code}`];
  if (error.retry !== ERRORS[error.code as ErrorCode].retry) found.push(`${error.code} says retry ${error.retry}`);
  if (error.code === 'internal') found.push('an internal error');
  if (error.code === 'invalid' && typeof error.field !== 'string') found.push('invalid, and no field');
  if (!hasItsTime(error)) found.push(`${error.code} with the time ${error.retryAfterMs}`);
  if (current !== undefined && error.code !== 'conflict') found.push(`${error.code} with a reply`);
  return found;
}

/** Who is too fast is told when to come again, and that is soon. */
export function hasItsTime({ code, retryAfterMs }: Pick<ErrorBody, 'code' | 'retryAfterMs'>): boolean {
  return code !== 'rate_limited' || (retryAfterMs! > 0 && retryAfterMs! <= 60_000);
}

export async function sendFrames(target: Target, inputs: readonly Frame[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  await deal(inputs, LINES, async (next) => {
    let line = await Line.open(target);
    for (let sent: Frame[] = []; ; sent = []) {
      for (let frame = next(); frame !== undefined; frame = next()) {
        sent.push(frame);
        if (line.isOpen) line.send(frame);
        if (sent.length >= FRAMES) break;
      }
      if (sent.length === 0) break;
      tally.inputs += sent.length;
      const from = performance.now();
      if (!(await line.isServed())) found.push(`neither served nor closed after ${JSON.stringify(sent).slice(0, 500)}`);
      found.push(...tally.answer({ bytes: 0, ms: performance.now() - from }));
      if (line.isOpen) tally.answered += 1;
      else tally.closed += 1;
      // A line that was left half way is no use to what comes.
      line.end();
      line = await Line.open(target);
    }
    line.end();
  });
  return found;
}

/** Each on a line of its own, as the first thing that is said on it. */
export async function sendHandshakes(target: Target, inputs: readonly string[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  await deal(inputs, LINES, async (next) => {
    for (let input = next(); input !== undefined; input = next()) {
      const line = await Line.dial(target);
      const from = performance.now();
      line.send({ text: `40${input}` });
      const told = await line.hears(/^4[04]/);
      const problems = tally.answer({ bytes: told?.length ?? 0, ms: performance.now() - from });
      tally.inputs += 1;
      if (told?.startsWith('40')) tally.answered += 1;
      else if (told) problems.push(...judgeRefusal(told, tally));
      else if (line.isOpen) problems.push('neither answered nor closed');
      else tally.closed += 1;
      line.end();
      found.push(...problems.map((problem) => `40${input.slice(0, 300)}: ${problem}`));
    }
  });
  return found;
}

function judgeRefusal(told: string, tally: Tally): string[] {
  const found = tally.refusal(told);
  // Of another namespace Socket.IO says no more than that there is none.
  const [, elsewhere, body] = /^44(\/[^,]*,)?(.*)$/s.exec(told)!;
  const { data, message } = JSON.parse(body!) as { message?: string; data?: ErrorBody };
  const code = elsewhere ? String(message) : String(data?.code);
  tally.outcome(code);
  const isKnown = elsewhere
    ? code === 'Invalid namespace'
    : data !== undefined && code in ERRORS && code !== 'internal' && hasItsTime(data);
  return isKnown ? found : [...found, `refused with ${told.slice(0, 200)}`];
}
