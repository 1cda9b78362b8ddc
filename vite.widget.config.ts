// Builds the widget into dist/widget: `afterword.js` (the loader, a classic script), `reader.js` (all that is needed
// to read, styles inside), `live-*.js` (following live and writing) and one file a language.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, defineConfig, minify, transformWithOxc, type InlineConfig, type Plugin } from 'vite';

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

/**
 * Lit tells the page of itself, gives its inner parts to whoever brings polyfills, has templates of SVG and MathML, and tells
 * directives when they leave the page: nobody here asks for any.
 */
const leanLit: Plugin = {
  name: 'lean-lit',
  transform: {
    order: 'pre',
    filter: { id: /lit-html\/(lit-html|directive|directive-helpers)\.js$/ },
    handler: (code) => {
      const lean = code
        .replace(/,(\w+)=\w+\.litHtmlPolyfillSupport;\1\?\.\(.*?\),\(.*?\)\.push\(.*?\);/, ';')
        .replace(/\{M:\w+,.*?,I:(\w+),.*?\}/, '{I:$1}')
        .replace(/2===(\w)\?"<svg>":3===\1\?"<math>":""/, '""')
        .replace(/\+\(2===(\w)\?"<\/svg>":3===\1\?"<\/math>":""\)/, '')
        .replace(/if\((this\.el=[^{}]*),2===(\w)\|\|3===\2\)\{[^{}]*replaceWith[^{}]*\}/, '$1;')
        .replace(/get (?:_\$AU|tagName|startNode|endNode)\(\)\{[^{}]*\}|setConnected\(\w\)\{[^{}]*\}/g, '')
        .replace(/\w\?\._\$AO\?\.\(!1\),|this\._\$AN=void 0,|,this\._\$Cv=[^{}]*?(?=\})|this\._\$AP\?\.\([^()]*\)/g, '')
        .replace(/let \w;\w\._\$AQ\?\..*?(\w\._\$AM=\w),.*?\._\$AP\(.*?\)(?=\})/, '$1');
      if (/litHtml(?:Polyfill|Versions)|\{M:|svg>|replaceWith|_\$(?:Cv|A[NOPQU])|setConnected/.test(lean))
        throw new Error('Lit has changed: see lean-lit.');
      return lean;
    },
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
  plugins: [templates, leanLit, languages, licenses, loader],
  define: { VERSION: JSON.stringify(version), WORDS: JSON.stringify(WORDS) },
  build: {
    ...shared,
    outDir: resolve(root, 'dist/widget'),
    emptyOutDir: true,
    // As a library: plain `import()`, without the helper that applications get for preloading.
    lib: { entry: { reader: resolve(root, 'widget/index.ts') }, formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      // Limits and times stand where they are used, also across the chunks.
      optimization: { inlineConst: { mode: 'all', pass: 2 } },
      output: {
        format: 'es',
        // Always the same, so that a page can ask for it before the loader does. What it needs carries hashes.
        entryFileNames: '[name].js',
        chunkFileNames: ({ name }) => `${name === 'kit' ? 'live' : name}-[hash:6].js`,
        minify: true,
        comments: false,
      },
    },
  },
});
