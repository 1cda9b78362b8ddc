// One server process behind a proxy, on a port that it keeps: killed, stopped, starved, and started again as a supervisor
// would. Owns the process and its line to clients.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

import type { Random } from '../sim/random.js';
import { INSIDE, weigh, type Weight } from '../support/inside.js';
import { scrape } from '../support/metrics.js';
import { alarmsIn, freePort, startProcess, type Program, type ServerProcess } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

export class ServerNode {
  /** Between the clients and the server. */
  readonly line: TcpProxy;
  /** Ends that nobody here asked for: what the process said last. */
  readonly unasked: string[] = [];
  /** What its processes said that an operator would have to look at. */
  readonly alarms: string[] = [];
  readonly #port: number;
  readonly #metricsPort: number;
  readonly #start: () => ServerProcess;
  #process: ServerProcess;
  #isWanted = true;
  #isAsked = false;

  private constructor(line: TcpProxy, port: number, metricsPort: number, start: () => ServerProcess) {
    this.line = line;
    this.#port = port;
    this.#metricsPort = metricsPort;
    this.#start = start;
    this.#process = start();
    this.#watch(this.#process);
  }

  static async start(program: Program, env: Record<string, string>, random: Random): Promise<ServerNode> {
    // The proxy first: it may be given the very port that was free a moment ago.
    const upstream = { port: 0 };
    const line = await TcpProxy.open(upstream, { random });
    const port = (upstream.port = await freePort());
    const metricsPort = await freePort();
    const all = {
      PORT: String(port),
      AFTERWORD_METRICS_PORT: String(metricsPort),
      AFTERWORD_DRAIN_SECONDS: '0',
      ...INSIDE,
      ...env,
    };
    const node = new ServerNode(line, port, metricsPort, () => startProcess(program, all, { ipc: true }));
    try {
      await node.#process.ready;
      return node;
    } catch (error) {
      await node.end();
      throw error;
    }
  }

  /** Through the proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.line.port}`;
  }

  get pid(): number {
    return this.#process.child.pid!;
  }

  #watch(server: ServerProcess): void {
    void server.exited.then(({ code, signal }) => {
      this.alarms.push(...alarmsIn(server.errors()));
      if (!this.#isAsked && this.#isWanted) {
        this.unasked.push(`${code ?? signal}: ${server.errors().split('\n').slice(-4).join('\n')}`);
        // Where that fails, too, its own end is told here.
        this.#again().catch(() => {});
      }
    });
  }

  async #again(): Promise<void> {
    this.#isAsked = false;
    this.#process = this.#start();
    this.#watch(this.#process);
    await this.#process.ready;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it with this signal, waits, and starts it again. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    this.#isAsked = true;
    this.#process.kill(signal);
    await this.#process.exited;
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await this.#again();
  }

  stepClock(milliseconds: number): void {
    this.#process.child.send({ step: milliseconds });
  }

  /** Hints of other nodes that its process has heard so far. */
  async hintsHeard(): Promise<number> {
    return (await scrape({ metricsPort: this.#metricsPort })).value('afterword_hints_total{what="heard"}');
  }

  weigh(): Promise<Weight> {
    return weigh(this.#process);
  }

  /** Leaves it this many file handles beyond those that are open; null: as many as the system gives. */
  limitHandles(spare: number | null): void {
    const limit = spare === null ? 4_096 : readdirSync(`/proc/${this.pid}/fd`).length + spare;
    execFileSync('prlimit', ['--pid', String(this.pid), `--nofile=${limit}:`]);
  }

  /** Resolves when it has hung up on somebody without a word, as it does when it has no handle for them. */
  async untilRefused(withinMs: number): Promise<void> {
    const held: Socket[] = [];
    let isRefused = false;
    const dial = (): boolean => {
      const socket = connect(this.#port, '127.0.0.1').on('error', () => {});
      // The system accepts first; a server that is not there at all is another matter.
      socket.once('connect', () => socket.once('close', () => (isRefused = true)));
      held.push(socket);
      return isRefused;
    };
    try {
      await until(dial, 'a connection that is refused for want of handles', { withinMs, everyMs: 50 });
    } finally {
      held.forEach((socket) => socket.destroy());
    }
  }

  async end(): Promise<void> {
    this.#isWanted = false;
    this.#process.kill('SIGCONT');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 8_000);
    await this.#process.exited;
    clearTimeout(timer);
    await this.line.close();
  }
}
