// Pages of a site of the test's own, on another origin than the server's, and where the widget is, as it is shipped.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

/** What is shipped, made by `build-setup.ts`. */
export const DIST = resolve(import.meta.dirname, '../../dist');

export interface Pages {
  /** `http://localhost:PORT`, without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

export interface Answer {
  html: string;
  headers?: Record<string, string>;
}

/** Serves what `answer` gives for a path; undefined: 404. */
export async function servePages(answer: (url: URL) => Answer | string | undefined): Promise<Pages> {
  const server = createServer((request: IncomingMessage, response) => {
    const found = answer(new URL(request.url ?? '/', 'http://localhost'));
    const { html, headers } = typeof found === 'string' ? { html: found, headers: {} } : { headers: {}, ...found };
    response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(html);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    close: () => new Promise((done) => (server.closeAllConnections(), server.close(() => done()))),
  };
}

export interface ArticleOptions {
  server: string;
  /** The discussion's key. */
  thread: string;
  title?: string;
  /** Of the script tag, beside `data-site` and `data-thread`. */
  attributes?: string;
  lang?: string;
  head?: string;
  /** Paragraphs before the discussion. */
  above?: number;
  /** Paragraphs after it. */
  below?: number;
  /** In place of the script tag. */
  place?: string;
}

/** An owner's page with the snippet in it. */
export function article(options: ArticleOptions): string {
  const {
    server,
    thread,
    title = 'An article',
    attributes = '',
    lang = 'en',
    head = '',
    above = 1,
    below = 1,
  } = options;
  const place =
    options.place ??
    `<script async src="${server}/afterword.js" data-site="demo" data-thread="${thread}" ${attributes}></script>`;
  const paragraphs = (n: number) =>
    '<p>Something worth reading that goes on for a line or two, as such things do.</p>'.repeat(n);
  return `<!doctype html>
<html lang="${lang}" dir="${['ar', 'fa', 'he'].includes(lang) ? 'rtl' : 'ltr'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>${title}</title>${head}</head>
<body><main><h1>${title}</h1>${paragraphs(above)}${place}</main><footer>${paragraphs(below)}</footer></body></html>`;
}
