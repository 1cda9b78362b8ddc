// Browsers for tests: finds one, opens readers (each a person with storage of their own), and fails a test on anything
// that a page complains about. Owns no page and no server.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Where distributions and vendors put it. */
const INSTALLED = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** Nothing that weakens the browser's own rules: those are under test. Root may not use its sandbox. */
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'];

interface Found {
  name: string;
  path: () => Promise<string>;
}

const CANDIDATES: readonly Found[] = [
  {
    name: 'the Chromium inside @sparticuz/chromium (Linux x64)',
    path: async () => (await import('@sparticuz/chromium')).default.executablePath(),
  },
  ...INSTALLED.filter(Boolean).map((path) => ({ name: path, path: () => Promise.resolve(path) })),
  { name: "Playwright's own Chromium", path: () => Promise.resolve(chromium.executablePath()) },
];

/** The first that starts. Rejects naming all that were tried: a browser test is never skipped silently. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const tried: string[] = [];
  for (const { name, path } of CANDIDATES) {
    try {
      const executablePath = await path();
      if (!existsSync(executablePath)) throw new Error(`${executablePath} is not there`);
      return await chromium.launch({ executablePath, args: [...ARGS, ...args] });
    } catch (error) {
      tried.push(`  ${name}: ${String(error).split('\n')[0]}`);
    }
  }
  throw new Error(`No browser was found for the browser tests. Tried:\n${tried.join('\n')}`);
}

export interface Reader {
  page: Page;
  /** What the page complained about so far. */
  problems: string[];
}

export interface ReaderOptions extends BrowserContextOptions {
  /** Complaints that this test brings about on purpose. */
  allow?: readonly RegExp[];
  /** Runs in the page before anything else. */
  init?: () => void;
  /** A further tab of this one's browser: the same person, with the same storage. */
  beside?: Page;
}

/** One browser for a test file, and the readers of the running test. */
export class Readers {
  readonly browser: Browser;
  readonly #open = new Map<Reader, readonly RegExp[]>();

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  /** With these arguments beside what every browser of the tests has. */
  static async launch(args: readonly string[] = []): Promise<Readers> {
    return new Readers(await launchBrowser(args));
  }

  /** Somebody new, unless it is said otherwise: nothing is shared with another reader but the server. */
  async open(url: string, { allow = [], init, beside, ...options }: ReaderOptions = {}): Promise<Reader> {
    const context =
      beside?.context() ?? (await this.browser.newContext({ viewport: { width: 900, height: 800 }, ...options }));
    const page = await context.newPage();
    // Below a test's own limit, so that what was waited for is named.
    page.setDefaultTimeout(10_000);
    const reader: Reader = { page, problems: [] };
    this.#open.set(reader, allow);
    page.on('console', (message) => {
      if (message.type() === 'error') reader.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => reader.problems.push(`uncaught: ${error.stack ?? error.message}`));
    await page.exposeFunction('reportViolation', (text: string) => reader.problems.push(`CSP: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
        const report = (globalThis as unknown as { reportViolation(text: string): void }).reportViolation;
        report(`${violatedDirective} ${blockedURI} ${sample}`);
      });
    });
    if (init) await page.addInitScript(init);
    await page.goto(url);
    return reader;
  }

  /** After each test: closes the readers, and throws if one of their pages complained. */
  async done(): Promise<void> {
    const complaints: string[] = [];
    for (const [{ page, problems }, allow] of this.#open) {
      await page.context().close();
      complaints.push(...problems.filter((problem) => !allow.some((pattern) => pattern.test(problem))));
    }
    this.#open.clear();
    if (complaints.length) throw new Error(`A page complained:\n${complaints.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
