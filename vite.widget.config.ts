// Builds the widget into dist/widget: `afterword.js` (the loader, a classic script), `reader.js` (all that is needed
// to read, styles inside), `live-*.js` (following live and writing) and one file a language.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { minify as minifyAgain } from 'terser';
import { build, defineConfig, minify, transformWithOxc, type InlineConfig, type Plugin } from 'vite';

import { leanLit } from './tools/lean-lit.js';
import { ENTRIES, homeOf, parts } from './tools/widget-parts.js';

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

/** Stands for a line break that was written as one: the minifier would make a real one of it. */
const BREAK = '\\uE00A';

/** A line break between a template's tags and values or before a tag's end stands for nothing, else for a space; code has none. */
const templates: Plugin = {
  name: 'templates-on-one-line',
  transform: {
    order: 'pre',
    handler: (code, id) => (/\.[jt]s$/.test(id) ? code.replace(/(?<!\\)\\n/g, BREAK) : null),
  },
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk')
        chunk.code = chunk.code
          .replace(/([>}])\s*\n\s*(?=[$<])/g, '$1')
          .replace(/\s*\n\s*(?=>)/g, '')
          .replace(/\s*\n\s*/g, ' ')
          .replace(/\uE00A|\\uE00A/gi, '\\n')
          .trim();
    }
  },
};

/** What is used once stands where it is used, which the bundler's own minifier does not see to: a hundredth less to load. */
const onceMore: Plugin = {
  name: 'minify-again',
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      // With commas in the place of semicolons it compresses worse.
      const { code } = await minifyAgain(chunk.code, {
        module: true,
        ecma: 2020,
        compress: { passes: 2, sequences: false, hoist_funs: true },
      });
      chunk.code = code!;
    }
  },
};

/** Whose work is inside: their licences ask to be shipped with it. */
const WORKS = [
  'lit',
  'socket.io-client',
  'engine.io-client',
  'socket.io-parser',
  'engine.io-parser',
  '@socket.io/component-emitter',
];

const licenses: Plugin = {
  name: 'licenses',
  generateBundle() {
    const texts = WORKS.map(
      (work) => `${work}\n\n${readFileSync(resolve(root, 'node_modules', work, 'LICENSE'), 'utf8')}`,
    );
    this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: texts.join('\n\n') });
  },
};

/** Every language but English by its name, as a module of its own. */
const LANGUAGES = new Map(
  readdirSync(resolve(root, 'widget/i18n'))
    .filter((file) => /^(?!en\b)[a-z]{2}(-[a-z]+)?\.ts$/.test(file))
    .map((file) => [file.slice(0, -3), readFileSync(resolve(root, 'widget/i18n', file), 'utf8')]),
);
/** One for all of them, so that the reader needs no list of names. */
const WORDS = createHash('sha256')
  .update([...LANGUAGES.values()].join('\n'))
  .digest('base64url')
  .slice(0, 6);

/** They hold nothing but text, so each is translated alone. */
const languages: Plugin = {
  name: 'languages',
  async generateBundle() {
    for (const [name, text] of LANGUAGES) {
      const file = `${name}-${WORDS}.js`;
      const { code } = await transformWithOxc(text, `${name}.ts`);
      this.emitFile({ type: 'asset', fileName: file, source: (await minify(file, code)).code });
    }
  },
};

/** The styles of replies that stand in a page as HTML (`widget/prerender/`): those of the reader, and what only these need. */
function pageStyles(): Plugin {
  let reader: string | undefined;
  const ready: Plugin = {
    name: 'page-styles',
    enforce: 'post',
    transform: {
      filter: { id: /discussion\.css\?inline$/ },
      handler: (code) => {
        const text = code.slice(code.indexOf('"'), code.lastIndexOf('"') + 1);
        reader = JSON.parse(text) as string;
      },
    },
    async generateBundle() {
      if (!reader?.includes('#root{')) throw new Error('The styles of the reader are not where they were.');
      const given = readFileSync(resolve(root, 'widget/prerender/given.css'), 'utf8');
      // Where a page allows no style attributes, an author's hue is told so.
      const hues = Array.from({ length: 360 }, (_, hue) => `[data-hue="${hue}"]{--_hue:${hue}}`);
      const source = reader + given.replace(/\/\*.*?\*\//gs, '').replace(/\s+/g, ' ') + hues.join('');
      const hash = createHash('sha256').update(source).digest('base64url').slice(0, 6);
      this.emitFile({ type: 'asset', fileName: `page-${hash}.css`, source });
    },
  };
  return ready;
}

/** A classic script, so a build of its own. */
const loader: Plugin = {
  name: 'loader',
  async writeBundle({ dir: outDir }) {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      plugins: [templates],
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
  plugins: [templates, onceMore, parts, leanLit, languages, pageStyles(), licenses, loader],
  define: { VERSION: JSON.stringify(version), WORDS: JSON.stringify(WORDS) },
  build: {
    ...shared,
    outDir: resolve(root, 'dist/widget'),
    emptyOutDir: true,
    // As a library: plain `import()`, without the helper that applications get for preloading.
    lib: { entry: ENTRIES, formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      // Limits and times stand where they are used, also across the chunks.
      optimization: { inlineConst: { mode: 'all', pass: 2 } },
      output: {
        format: 'es',
        // Always the same, so that a page can ask for it before the loader does. What it needs carries hashes.
        entryFileNames: ({ name }) => (name === 'reader' ? 'reader.js' : '[name]-[hash:6].js'),
        chunkFileNames: '[name]-[hash:6].js',
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: homeOf }] },
        minify: true,
        comments: false,
      },
    },
  },
});
