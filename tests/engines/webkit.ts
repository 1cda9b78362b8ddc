// WebKit as WebKitGTK has it, the nearest to Safari that there is outside of Apple's systems, by WebDriver
// (https://w3c.github.io/webdriver/). It needs a screen; one is made that nobody sees.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { until } from '../support/until.js';
import { findBrowser, keysOf, pointerAt, startProgram, type Engine, type Tab } from './engine.js';

const PACKAGES = 'webkit2gtk-driver xvfb';
const DRIVERS = ['/usr/bin/WebKitWebDriver'];
const SCREENS = ['/usr/bin/Xvfb'];
const BROWSERS = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`);
/** Without a graphics card; and root may not use its sandbox. */
const PLAIN = {
  LIBGL_ALWAYS_SOFTWARE: '1',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  NO_AT_BRIDGE: '1',
};

/** One command of the protocol. */
type Command = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

export async function startWebKit(): Promise<Engine> {
  const binary = findBrowser(BROWSERS, PACKAGES);
  const screen = startProgram(findBrowser(SCREENS, PACKAGES), ['-displayfd', '1', '-screen', '0', '1000x900x24']);
  const [, display] = await screen.until(/^(\d+)$/m);
  const port = await freePort();
  const driver = startProgram(findBrowser(DRIVERS, PACKAGES), [`--port=${port}`], { ...PLAIN, DISPLAY: `:${display}` });
  const command: Command = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await answer.json()) as { value: { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await until(() => command('GET', '/status').then(Boolean, () => false), 'the driver', { withinMs: 60_000 });
  const options = { binary, args: ['--automation', '--geometry=900x800'] };
  const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } };
  const opened = (await command('POST', '/session', { capabilities })) as {
    sessionId: string;
    capabilities: { browserVersion: string };
  };
  const session = `/session/${opened.sessionId}`;
  const handle = await command('GET', `${session}/window`);
  return {
    name: `WebKitGTK ${opened.capabilities.browserVersion}`,
    // A tab that is not in front is not looked at; a window beside another is. It is asked for in one that is there.
    tab: async () => {
      await command('POST', `${session}/window`, { handle });
      const made = (await command('POST', `${session}/window/new`, { type: 'window' })) as { handle: string };
      return tabOf(command, session, made.handle);
    },
    end: async () => {
      await command('DELETE', session);
      await driver.end();
      await screen.end();
    },
  };
}

function tabOf(command: Command, session: string, handle: string): Tab {
  const here = async (method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> => {
    await command('POST', `${session}/window`, { handle });
    return command(method, session + path, body);
  };
  const perform = async (...actions: object[]): Promise<void> => void (await here('POST', '/actions', { actions }));
  return {
    open: async (url) => void (await here('POST', '/url', { url })),
    run: (script) => here('POST', '/execute/sync', { script, args: [] }),
    press: (x, y) => perform(pointerAt(x, y)),
    type: (text) => perform(keysOf(text)),
    close: async () => void (await here('DELETE', '/window')),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
