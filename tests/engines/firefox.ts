// Firefox, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), which it speaks itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { findBrowser, keysOf, pointerAt, startProgram, type Engine, type Tab } from './engine.js';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];

type Result = Record<string, unknown>;

interface Said {
  id: number;
  result?: Result;
  error?: string;
  message?: string;
}

/** One connection: commands by number. */
class BiDi {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, result, error, message } = JSON.parse((data as Buffer).toString()) as Said;
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) asked?.reject(new Error(`${error}: ${message}`));
      else asked?.resolve(result!);
    });
  }

  static async connect(address: string): Promise<BiDi> {
    const socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new BiDi(socket);
  }

  send(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

export async function startFirefox(): Promise<Engine> {
  const profile = await mkdtemp(join(tmpdir(), 'afterword-firefox-'));
  const args = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile];
  const program = startProgram(findBrowser(PLACES, 'firefox-esr'), args);
  const [, address] = await program.until(/WebDriver BiDi listening on (\S+)/);
  const bidi = await BiDi.connect(address!);
  const { capabilities } = (await bidi.send('session.new', { capabilities: {} })) as {
    capabilities: { browserVersion: string };
  };
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    tab: async () => tabOf(bidi, String((await bidi.send('browsingContext.create', { type: 'tab' }))['context'])),
    end: async () => {
      bidi.close();
      await program.end();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function tabOf(bidi: BiDi, context: string): Tab {
  const perform = async (...actions: object[]): Promise<void> => {
    await bidi.send('input.performActions', { context, actions });
  };
  return {
    open: async (url) => void (await bidi.send('browsingContext.navigate', { context, url, wait: 'complete' })),
    run: async (body) => {
      const answer = await bidi.send('script.evaluate', {
        expression: `JSON.stringify((() => { ${body} })() ?? null)`,
        target: { context },
        awaitPromise: true,
      });
      const { result, exceptionDetails } = answer as {
        result?: { value: string };
        exceptionDetails?: { text: string };
      };
      if (!result) throw new Error(exceptionDetails?.text);
      return JSON.parse(result.value) as unknown;
    },
    press: (x, y) => perform(pointerAt(x, y)),
    type: (text) => perform(keysOf(text)),
    close: async () => void (await bidi.send('browsingContext.close', { context })),
  };
}
