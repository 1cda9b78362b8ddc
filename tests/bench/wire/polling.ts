// A Socket.IO client that polls (Engine.IO 4 over HTTP): a reader behind a proxy that lets no WebSocket through. Much
// dearer than the one of socketio.ts; for a few readers in a mixed load.
import { request, type Agent } from 'node:http';

const SEPARATOR = '\x1e';

export interface PollingOptions {
  port: number;
  agent: Agent;
  auth: Record<string, unknown>;
  from?: string;
  onLost: (error: Error) => void;
}

export class PollingPeer {
  readonly #options: PollingOptions;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #sid = '';
  #ended = false;
  #lastAck = 0;
  #settle: (error?: Error) => void = () => {};

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  /** Dials; resolves when the default namespace has let it in. */
  async connect(): Promise<void> {
    const opened = await this.#call('GET');
    this.#sid = (JSON.parse(opened.slice(1)) as { sid: string }).sid;
    await this.#call('POST', `40${JSON.stringify(this.#options.auth)}`);
    const settled = new Promise<void>((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    void this.#poll();
    await settled;
  }

  ask(event: string, payload: unknown): Promise<unknown> {
    this.#lastAck += 1;
    const id = this.#lastAck;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#call('POST', `42${id}${JSON.stringify([event, payload])}`).catch(reject);
    });
  }

  /** Closes the session, or only stops asking, as a machine does that was switched off. */
  end({ goodbye }: { goodbye: boolean }): void {
    if (this.#ended) return;
    if (goodbye) void this.#call('POST', '41').catch(() => {});
    this.#ended = true;
  }

  async #poll(): Promise<void> {
    try {
      while (!this.#ended) {
        const packets = (await this.#call('GET')).split(SEPARATOR);
        if (this.#ended) return;
        for (const packet of packets) this.#packet(packet);
      }
    } catch (error) {
      this.#settle(error as Error);
      if (!this.#ended) this.#options.onLost(error as Error);
      this.#ended = true;
    }
  }

  #packet(packet: string): void {
    if (packet === '2') void this.#call('POST', '3').catch(() => {});
    else if (packet.startsWith('40')) this.#settle();
    else if (packet.startsWith('44')) this.#settle(new Error(`the connection was refused: ${packet.slice(2)}`));
    else if (packet.startsWith('43')) {
      const [, id = '', json = ''] = /^43(\d+)(.*)$/s.exec(packet) ?? [];
      const [answer] = JSON.parse(json) as [unknown];
      this.#waiting.get(Number(id))?.(answer);
      this.#waiting.delete(Number(id));
    }
  }

  #call(method: 'GET' | 'POST', body?: string): Promise<string> {
    const { port, agent, from } = this.#options;
    const path = `/socket.io/?EIO=4&transport=polling${this.#sid === '' ? '' : `&sid=${this.#sid}`}`;
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'text/plain;charset=UTF-8' }),
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`polling was answered with ${response.statusCode}: ${text}`));
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
