// The demo as it is shipped, with its server and readers. One for a test file.
import { startTestApp, type TestApp } from './app.js';
import { Readers } from './browser.js';
import { DIST } from './pages.js';

export class Demo {
  readonly readers: Readers;
  readonly #app: TestApp;

  private constructor(readers: Readers, app: TestApp) {
    this.readers = readers;
    this.#app = app;
  }

  static async make(): Promise<Demo> {
    const app = await startTestApp({ dist: DIST });
    return new Demo(await Readers.launch(), app);
  }

  /** An address of it, by any name of this machine. */
  at(host: string, path = '/'): string {
    return `http://${host}:${this.#app.port}${path}`;
  }

  async end(): Promise<void> {
    await this.readers.close();
    await this.#app.end();
  }
}
