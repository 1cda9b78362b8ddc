// The pages of B10, on an origin of their own: an article alone, with the same replies as plain HTML below it, with the
// script tag below it, and with the replies as the product gives them for such a page. Owns their text and serving them as a good server would.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';

import type { Reply } from '../../shared/views.js';
import { textOf } from './programs/text.js';

export type PageKind = 'alone' | 'static' | 'widget' | 'preloaded' | 'prerendered';

/** Longer than any reply, so that it stays the largest thing of the page. */
const PARAGRAPH_LENGTH = 900;
/** As much as such a list needs; in the page itself, so that it costs no request. */
const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; }
  #replies article { padding: .75rem 0; border-top: 1px solid #ddd; }
  #replies article { content-visibility: auto; contain-intrinsic-size: auto 90px; }
  #replies header { display: flex; gap: .5rem; font-weight: 600; }
  #replies time { color: #666; font-weight: 400; }`;

export interface PagesOptions {
  /** The product's address. */
  server: string;
  /** The discussion's key. */
  thread: string;
  replies: readonly Reply[];
  /** The same as the product's HTML (HTTP5). */
  html?: string;
  /** Of the script tag, beside those that every page has. */
  attributes?: string;
}

export interface BenchPages {
  address(kind: PageKind): string;
  close(): Promise<void>;
}

/** Compressed, as the product compresses. */
export async function serveBenchPages(options: PagesOptions): Promise<BenchPages> {
  const bodies = new Map(
    (['alone', 'static', 'widget', 'preloaded', 'prerendered'] as const).map((kind) => [
      `/${kind}`,
      brotliCompressSync(pageOf(kind, options)),
    ]),
  );
  const server = createServer((request, response) => {
    const body = bodies.get(request.url ?? '');
    response.writeHead(body ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'br' });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: (kind) => `http://127.0.0.1:${port}/${kind}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pageOf(kind: PageKind, { server, thread, replies, html = '', attributes = '' }: PagesOptions): string {
  const script = `<script async src="${server}/afterword.js" data-site="demo" data-thread="${thread}" ${attributes}></script>`;
  const snapshot = `${server}/api/v1/sites/demo/thread?key=${thread}&amp;sort=oldest`;
  const links = `<link rel="preload" as="script" href="${server}/afterword.js">
<link rel="modulepreload" href="${server}/widget/reader.js">
<link rel="preload" as="fetch" crossorigin href="${snapshot}">`;
  const below = {
    alone: '',
    static: `<section id="replies"><h2>${replies.length} replies</h2>${replies.map(replyHtml).join('')}</section>`,
    widget: script,
    preloaded: script,
    prerendered: html + script,
  };
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>An article</title>${kind === 'preloaded' ? links : ''}<style>${STYLE}</style></head>
<body><main><h1>An article</h1><p>${textOf(PARAGRAPH_LENGTH, 1).replaceAll('\n\n', ' ')}</p></main>
${below[kind]}</body></html>`;
}

function replyHtml({ author, createdAt, html }: Reply): string {
  return `<article><header>${author.name} <time datetime="${createdAt}">just now</time></header>${html}</article>`;
}
