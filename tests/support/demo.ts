// The demo as it is shipped, with its server and readers. One for a test file.
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { startTestApp, type TestApp } from './app.js';
import { Readers } from './browser.js';
import { buildWidget, type Build } from './pages.js';

export class Demo {
  readonly readers: Readers;
  readonly #app: TestApp;
  readonly #build: Build;

  private constructor(readers: Readers, app: TestApp, built: Build) {
    this.readers = readers;
    this.#app = app;
    this.#build = built;
  }

  static async make(): Promise<Demo> {
    const built = await buildWidget();
    const configFile = resolve(import.meta.dirname, '../../vite.demo.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir: join(built.dist, 'demo') } });
    const app = await startTestApp({ dist: built.dist });
    return new Demo(await Readers.launch(), app, built);
  }

  /** An address of it, by any name of this machine. */
  at(host: string, path = '/'): string {
    return `http://${host}:${this.#app.port}${path}`;
  }

  async end(): Promise<void> {
    await this.readers.close();
    await this.#app.end();
    await this.#build.remove();
  }
}
