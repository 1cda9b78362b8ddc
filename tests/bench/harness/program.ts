// Starts a process of a benchmark, talks with it, and ends it. Owns nothing of what runs in it.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Memory, ProbeApi } from '../programs/probe.js';
import type { Cores, Role } from './cores.js';
import { READY, type AnswerOf, type Api, type ArgumentOf, type Port, type Question, type Reply } from './rpc.js';

const END_MS = 10_000;

export interface ProgramOptions {
  cores: Cores;
  role: Role;
  file: string;
  /** Loaded first; absent in programs that are not measured. */
  probe?: string;
  /** Where it leaves a profile of its processor time when it ends: for finding what is slow, not for figures. */
  profiles?: string | undefined;
  env?: Record<string, string>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class Program<A extends Api = Api> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lines: string[] = [];
  readonly #exited: Promise<void>;
  readonly #ready: Record<Port, Promise<void>>;
  #onReady: (port: Port) => void = () => {};
  #onLine: (line: string) => void = () => {};
  #lastId = 0;
  #ended: Error | null = null;

  /** The same flags of Node for ours and for the baselines. */
  constructor({ cores, role, file, probe, profiles, env }: ProgramOptions) {
    const flags = probe === undefined ? [] : ['--expose-gc', '--import', probe];
    if (probe !== undefined && profiles !== undefined) flags.push('--cpu-prof', `--cpu-prof-dir=${profiles}`);
    const [command = '', ...rest] = cores.command(role, [process.execPath, ...flags, file]);
    this.#child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        this.#onLine(line);
      });
    }
    const ready = { program: deferred(), probe: deferred() };
    this.#ready = { program: ready.program.promise, probe: ready.probe.promise };
    this.#onReady = (port) => ready[port].resolve();
    this.#child.on('message', (reply: Reply) => this.#answered(reply));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#ended = new Error(`${file} ended (${signal ?? code}): ${this.#lines.slice(-5).join('\n')}`);
        for (const { reject } of this.#waiting.values()) reject(this.#ended);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Asks the program. Rejects with its error, or where it ends meanwhile. */
  call<N extends keyof A & string>(name: N, argument: ArgumentOf<A, N>): Promise<AnswerOf<A, N>> {
    return this.#ask('program', name, argument) as Promise<AnswerOf<A, N>>;
  }

  probe<N extends keyof ProbeApi>(name: N, argument?: ArgumentOf<ProbeApi, N>): Promise<AnswerOf<ProbeApi, N>> {
    return this.#ask('probe', name, argument) as Promise<AnswerOf<ProbeApi, N>>;
  }

  memory(): Promise<Memory> {
    return this.probe('memory');
  }

  /** The first line of its output that matches. Rejects where it ends before. */
  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = (line: string): void => {
        const match = pattern.exec(line);
        if (match) resolve(match);
      };
      this.#lines.forEach(look);
      this.#onLine = look;
      void this.#exited.then(() => reject(this.#ended!));
    });
  }

  /** Asks it to end, and makes it end where it does not. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** The largest resident set that it ever had, in bytes; not a number where the system doesn't tell. */
  peakBytes(): number {
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? [];
      return Number(kilobytes) * 1_024;
    } catch {
      return Number.NaN;
    }
  }

  async #ask(port: Port, name: string, argument: unknown): Promise<unknown> {
    await Promise.race([this.#ready[port], this.#exited]);
    if (this.#ended) throw this.#ended;
    this.#lastId += 1;
    const question: Question = { port, id: this.#lastId, name, argument };
    return await new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      this.#child.send(question, (error) => error && reject(error));
    });
  }

  #answered(reply: Reply): void {
    if (reply.id === READY) return this.#onReady(reply.port);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.answer);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
