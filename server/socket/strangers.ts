// Lines that were not let in yet: what each costs its address, what it may hold, and for how long. Afterwards they are the
// guard's and the sender's.
import { ServerResponse, type IncomingMessage } from 'node:http';
import proxyaddr from '@fastify/proxy-addr';
import type { Server } from 'socket.io';

import type { Clock, Timer } from '../clock.js';
import { toErrorBody } from '../errors.js';
import { refuseUpgrade, writeProblem } from '../http/problems.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { boundMessages, cutOff, opensLine, type Line } from './engine.js';
import type { RateLimits } from './limits.js';

/** From a line's first word to the end of its handshake. A client says CONNECT at once; the database has six seconds of it. */
export const HELLO_MS = 15_000;

export interface StrangersOptions {
  limits: RateLimits;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  trust(address: string, hop: number): boolean;
}

export class Strangers {
  readonly #options: StrangersOptions;
  /** What is done about each when it is no stranger any more. */
  readonly #waiting = new Map<Line, () => void>();

  constructor(engine: Server['engine'], options: StrangersOptions) {
    this.#options = options;
    engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      this.#charge(request, response, next);
    });
    engine.on('connection', (line: Line) => this.#meet(line));
  }

  /** It was let in: its messages may be as large as anybody's. Once more where it has moved to a WebSocket. */
  welcome(line: Line): void {
    this.#waiting.get(line)?.();
    boundMessages(line, true);
  }

  /** Also for the WebSocket that a polling line asks for, which is a connection of its own. */
  #charge(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const isUpgrade = !(response instanceof ServerResponse);
    if (!opensLine(request, isUpgrade)) return next();
    const { limits, trust, log, metrics } = this.#options;
    try {
      limits.charge('line', { address: proxyaddr(request, trust) });
    } catch (error) {
      const body = toErrorBody(error, log, { event: 'line' });
      metrics.refused('line', body.code);
      return isUpgrade ? refuseUpgrade(request.socket, body) : writeProblem(response, body);
    }
    next();
  }

  #meet(line: Line): void {
    const { clock } = this.#options;
    boundMessages(line, false);
    const forget = (): void => {
      this.#waiting.delete(line);
      clock.clearTimeout(late);
      line.off('close', forget);
    };
    const late: Timer = clock.setTimeout(() => cutOff({ conn: line }), HELLO_MS);
    line.once('close', forget);
    this.#waiting.set(line, forget);
  }
}
