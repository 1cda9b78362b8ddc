// What stands between a page and the server, in a test's hands: slow, silent or cut.
import type { Page, WebSocketRoute } from 'playwright-core';

export class Between {
  /** Each way. */
  delayMs = 0;
  #isRefusing = false;
  /** Lines so far. */
  count = 0;
  /** What a request of this name is answered with here, in place of the server: an error, after a while; null: it goes through. */
  instead: ((name: string) => { error: object; afterMs: number } | null) | null = null;
  readonly #open = new Map<WebSocketRoute, { isMute: boolean }>();
  readonly #asked: Noted = [];
  readonly #pushed: Noted = [];

  static async put(page: Page): Promise<Between> {
    const between = new Between();
    await page.routeWebSocket(/socket\.io/, (socket) => between.#connect(socket));
    return between;
  }

  /** Nothing goes through on the lines that are open now, and nobody is told. */
  set isMute(isMute: boolean) {
    for (const line of this.#open.values()) line.isMute = isMute;
  }

  /** The payloads of the requests of this name that the page sent. */
  asked(name: string): unknown[] {
    return payloadsOf(this.#asked, name);
  }

  /** Those that the server pushed. */
  pushed(name: string): unknown[] {
    return payloadsOf(this.#pushed, name);
  }

  /** Cuts what is open. */
  async cut(): Promise<void> {
    for (const socket of this.#open.keys()) await socket.close();
    this.#open.clear();
  }

  /** Cuts what is open, and lets no WebSocket through any more; everything else goes on. */
  async refuse(): Promise<void> {
    this.#isRefusing = true;
    await this.cut();
  }

  #answered(socket: WebSocketRoute, message: string): boolean {
    const [, id, name] = /^42(\d+)\["([^"]+)"/.exec(message) ?? [];
    const answer = (id && name && this.instead?.(name)) || null;
    if (answer)
      setTimeout(() => socket.send(`43${id}${JSON.stringify([{ ok: false, error: answer.error }])}`), answer.afterMs);
    return answer !== null;
  }

  /** Lets them through again. */
  allow(): void {
    this.#isRefusing = false;
  }

  #connect(socket: WebSocketRoute): void {
    if (this.#isRefusing) return void socket.close();
    this.count++;
    const line = { isMute: false };
    this.#open.set(socket, line);
    const server = socket.connectToServer();
    const pass = (to: WebSocketRoute) => (message: string | Buffer) => {
      if (!line.isMute) setTimeout(() => to.send(message), this.delayMs);
    };
    const toServer = pass(server);
    socket.onMessage((message) => {
      note(message, this.#asked);
      if (!this.#answered(socket, String(message))) toServer(message);
    });
    const toPage = pass(socket);
    server.onMessage((message) => {
      note(message, this.#pushed);
      toPage(message);
    });
  }
}

type Noted = [name: string, payload: unknown][];

/** Socket.IO's events, with or without an acknowledgement. */
function note(message: string | Buffer, to: Noted): void {
  const [, json] = /^42\d*(\[.*)$/s.exec(String(message)) ?? [];
  if (json) to.push(JSON.parse(json) as [string, unknown]);
}

function payloadsOf(noted: Noted, name: string): unknown[] {
  return noted.filter(([known]) => known === name).map(([, payload]) => payload);
}
