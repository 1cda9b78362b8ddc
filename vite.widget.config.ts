// Builds the widget into dist/widget: `afterword.js` (the loader, a classic script), `reader-*.js` (all that is needed
// to read, styles inside), `live-*.js` (following live and writing) and one file a language.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };

/** Every browser since 2024 has what the style sheets use (nesting, `light-dark()`, `oklch()`): nothing is rewritten. */
const shared = {
  target: 'es2022',
  cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
  modulePreload: false,
  sourcemap: false,
  copyPublicDir: false,
} satisfies InlineConfig['build'];

/** A line break between the tags and values of a template stands for nothing, any other for a space; code has none. */
const templates: Plugin = {
  name: 'templates-on-one-line',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk')
        chunk.code = chunk.code
          .replace(/([>}])\s*\n\s*(?=[$<])/g, '$1')
          .replace(/\s*\n\s*/g, ' ')
          .trim();
    }
  },
};

/**
 * What of socket.io-client the widget has no use for, by module: a third transport, binary packets, its own back-off (the
 * widget's honours what the server says), parsing addresses without `URL`. Polling goes through `fetch`, by engine.io's
 * own transport. 11.3 kB become 8 kB (brotli); the browser tests run on the result.
 */
const UNUSED: readonly (readonly [module: string, code: string])[] = [
  ['engine.io-client/build/esm/transports/webtransport.js', 'export const WT = undefined;'],
  ['engine.io-client/build/esm/transports/polling-xhr.js', "export { Fetch as XHR } from './polling-fetch.js';"],
  [
    'engine.io-client/build/esm/contrib/parseuri.js',
    `export function parse(text) {
      const { protocol, hostname, port, search } = new URL(text);
      return { protocol: protocol.slice(0, -1), host: hostname.replace(/[[\\]]/g, ''), port, query: search.slice(1) };
    }`,
  ],
  ['engine.io-parser/build/esm/contrib/base64-arraybuffer.js', 'export const decode = () => new ArrayBuffer(0);'],
  [
    'socket.io-parser/build/esm/binary.js',
    'export const deconstructPacket = () => {}, reconstructPacket = deconstructPacket;',
  ],
  ['socket.io-parser/build/esm/is-binary.js', 'export const isBinary = () => false, hasBinary = isBinary;'],
  [
    'socket.io-client/build/esm/contrib/backo2.js',
    'export class Backoff { duration() { return 0; } reset() {} setMin() {} setMax() {} setJitter() {} }',
  ],
];

/** socket.io-client in one module, without what is not used, its private names shortened. */
const leanSocketIo: Plugin = {
  name: 'lean-socket.io',
  enforce: 'pre',
  resolveId: (id) => (id === 'socket.io-client' ? '\0socket.io-client' : null),
  async load(id) {
    if (id !== '\0socket.io-client') return null;
    const built = await build({
      configFile: false,
      root,
      logLevel: 'warn',
      plugins: [
        { name: 'unused', load: (file) => UNUSED.find(([module]) => file.endsWith(`/${module}`))?.[1] ?? null },
      ],
      build: {
        ...shared,
        write: false,
        lib: { entry: resolve(root, 'node_modules/socket.io-client/build/esm/manager.js'), formats: ['es'] },
        rolldownOptions: { output: { minify: { mangleProps: { include: /^_[a-z]/i, quoted: true } } } },
      },
    });
    const [{ output }] = built as unknown as [{ output: [{ code: string }] }];
    return output[0].code;
  },
};

/** The loader has to know the reader's name, so it is built last. */
const loader: Plugin = {
  name: 'loader',
  async writeBundle({ dir: outDir }, bundle) {
    const reader = Object.values(bundle).find((chunk) => chunk.type === 'chunk' && chunk.isEntry);
    if (!reader) throw new Error('The reader was not built.');
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      plugins: [templates],
      define: { READER: JSON.stringify(`widget/${reader.fileName}`) },
      build: {
        ...shared,
        outDir: outDir!,
        emptyOutDir: false,
        rolldownOptions: {
          input: resolve(root, 'widget/embed.ts'),
          output: { format: 'iife', entryFileNames: 'afterword.js', minify: true, comments: false },
        },
      },
    });
  },
};

export default defineConfig({
  root,
  base: './',
  resolve: { alias: [{ find: /^lit$/, replacement: resolve(root, 'widget/elements/lean-lit-element.ts') }] },
  plugins: [templates, leanSocketIo, loader],
  define: { VERSION: JSON.stringify(version) },
  build: {
    ...shared,
    outDir: resolve(root, 'dist/widget'),
    emptyOutDir: true,
    // As a library: plain `import()`, without the helper that applications get for preloading.
    lib: { entry: { reader: resolve(root, 'widget/index.ts') }, formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      output: {
        format: 'es',
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: ({ name }) => `${name === 'kit' ? 'live' : name}-[hash].js`,
        minify: true,
        comments: false,
      },
    },
  },
});
