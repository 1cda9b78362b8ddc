// Builds the widget into dist/widget: `afterword.js` (the loader, a classic script), `reader.js` (all that is needed
// to read, styles inside), `live-*.js` (following live and writing) and one file a language.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { minify as minifyAgain } from 'terser';
import { build, defineConfig, minify, transformWithOxc, type InlineConfig, type Plugin } from 'vite';

import { FILES } from './widget/part.js';

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

/** `widget/part.ts` reads in what was built what a part stands on. Where it would miss a file, or go in circles, there is no build. */
const parts: Plugin = {
  name: 'parts',
  generateBundle(_, bundle) {
    const under = (file: string, above: readonly string[] = []): void => {
      const chunk = bundle[file];
      if (chunk?.type !== 'chunk') throw new Error(`${above.at(-1)} imports ${file}, which is no part.`);
      if (above.includes(file)) throw new Error(`Parts import each other: ${[...above, file].join(' → ')}`);
      const found = new Set(Array.from(chunk.code.matchAll(FILES), ([, name]) => basename(name!)));
      for (const name of chunk.imports) {
        if (name === 'reader.js') continue;
        if (!found.has(name)) throw new Error(`${file} imports ${name} in a way that is not found in it.`);
        under(name, [...above, file]);
      }
      // Each is given to `part()` as a function, of whose source only the beginning is looked at. A language is named beside it.
      for (const { index } of chunk.code.matchAll(/\bimport\(/g)) {
        const load = chunk.code.slice(index - '()=>'.length);
        if (load.search(FILES) !== 0 && !/^\(\)=>import\(\w+\)/.test(load)) throw new Error(`${file} loads a part past part(): ${load.slice(0, 40)}`);
      }
    };
    for (const [file, { type }] of Object.entries(bundle)) if (type === 'chunk') under(file);
  },
};

/** Of Lit's templates what nobody here asks for, by file: each must be found, so that a Lit that has changed is noticed. */
const UNASKED: Readonly<Record<string, readonly (readonly [unasked: RegExp, instead: string])[]>> = {
  'lit-html': [
    // It tells the page of itself, and gives its inner parts to whoever brings polyfills.
    [/,(\w+)=\w+\.litHtmlPolyfillSupport;\1\?\.\(.*?\),\(.*?\)\.push\(.*?\);/, ';'],
    [/\{M:\w+,.*?,I:(\w+),.*?\}/, '{I:$1}'],
    [/get (?:tagName|startNode|parentNode)\(\)\{[^{}]*\}/g, ''],
    // Templates of SVG and MathML, and compiled ones.
    [/2===(\w)\?"<svg>":3===\1\?"<math>":""/, '""'],
    [/\+\(2===(\w)\?"<\/svg>":3===\1\?"<\/math>":""\)/, ''],
    [/if\((this\.el=[^{}]*),2===(\w)\|\|3===\2\)\{[^{}]*replaceWith[^{}]*\}/, '$1;'],
    [/,_\$litType\$:(\w)\}=(\w),(\w)="number"==typeof \1\?(this\._\$AC\(\2\)):\(.*?,\1\);/, '}=$2,$3=$4;'],
    // Comments, and values in elements that hold plain text.
    [/"!--"===\w\[1\]\?\w=\w:void 0!==\w\[1\]\?\w=\w:/, ''],
    [/(\w)===\w\|\|\1===\w\?\1=(?=\w:\(\1=)(\w):/, ''],
    [/else\{let (\w)=-1;for\(;-1!==.*?\.length-1\}/, ''],
    [/if\(\w\.test\(\w\.tagName\)\)\{.*?\}\}(?=\}else)/, ''],
    [/\(\w\.test\((\w)\[2\]\)&&\(\w=RegExp\("<\/"\+\1\[2\],"g"\)\),(\w=\w)\)/, '$2'],
    // Directives that are told when they leave the page.
    [/get _\$AU\(\)\{[^{}]*\}|setConnected\(\w\)\{[^{}]*\}/g, ''],
    [/\w\?\._\$AO\?\.\(!1\),|this\._\$AN=void 0,|,this\._\$Cv=[^{}]*?(?=\})|this\._\$AP\?\.\([^()]*\)/g, ''],
    // Directives in attributes, and what tells others where they stand.
    [/void 0!==(\w)\?(\w)\._\$Co\?\.\[\1\]:\2\._\$Cl/, '$2._$$Cl'],
    [/void 0!==(\w)\?\((\w)\._\$Co\?\?=\[\]\)\[\1\]=(\w):/, ''],
    [/\((\w=new \w\(\w\)),\w\._\$AT\(\w,\w,\w\)\)/, '$1'],
    [/constructor\([\w,]*\)\{super\([\w,.]*\),this\.type=\d\}/g, ''],
    [/this\.type=\d,/g, ''],
    // Lists that are no arrays.
    [/=\w=>(\w)\(\w\)\|\|"function"==typeof \w\?\.\[Symbol\.iterator\]/, '=$1'],
    // Words for developers, and names in common with other copies.
    [/Error\("invalid template strings array"\)/, 'Error()'],
    [/Symbol\.for\("lit-\w+"\)/g, 'Symbol()'],
    [/(\w)=(\w)\?\?(\w),(\w)=-1\)/, '$1=$3,$4=-1)'],
    [/\((\w=\w),\w=void 0\)(?=;)/, '$1'],
    // Listeners that are objects or need another `this`, documents other than the page's, and a place within what is rendered into.
    [/\|\|(\w)\.capture!==(\w)\.capture\|\|\1\.once!==\2\.once\|\|\1\.passive!==\2\.passive/, ''],
    [/"function"==typeof this\._\$AH\?this\._\$AH\.call\(.*?\):(this\._\$AH)\.handleEvent/, '$1'],
    [/\(\w\?\.creationScope\?\?(\w)\)/, '$1'],
    [
      /const (\w)=(\w)\?\.renderBefore\?\?(\w);let (\w)=\1(\._\$litPart\$);if\(void 0===\4\)\{const (\w)=.*?;\1\5=(.*?),\6\),\6,/,
      'let $4=$3$5;if(void 0===$4){$3$5=$7,null),null,',
    ],
    [/,this\.options=\w/g, ''],
    [/,this\.options\b/g, ''],
    [/,void 0,\w\?\?\{\}/, ''],
    [/\(this\.options\)/, '()'],
    // Values that are there, and are set.
    [/void 0!==(\w)&&\((void 0!==\1\.strings)/, '($2'],
    [/(\w&&)!\w&&(this\.j)/, '$1$2'],
  ],
  directive: [
    [/get _\$AU\(\)\{[^{}]*\}/, ''],
    [/_\$AT\(\w,\w,\w\)\{[^{}]*\}/, ''],
  ],
  'directive-helpers': [
    // Parts that move to another list, and nodes of a shadow DOM that is none.
    [/,(\w)=\w\._\$AM,(\w)=\1!==\w;if\(\2\)\{.*?\._\$AP\(\w\)\}if\((\w!==\w)\|\|\2\)/, ';if($3)'],
    [/,(\w)=(\w)=>\2(?=,)/, ''],
    [/\b\w\((\w)\)(?=\.(?:nextSibling|insertBefore))/g, '$1'],
    // Values that are there, and settings that nobody asks for.
    [/,\w\.options\)/, ')'],
    [/\w=\{\},(\w=\(\w,\w)=\w\)/, '$1)'],
  ],
};

const leanLit: Plugin = {
  name: 'lean-lit',
  transform: {
    order: 'pre',
    filter: { id: /lit-html\/(lit-html|directive|directive-helpers)\.js$/ },
    handler: (code, id) => {
      let lean = code;
      for (const [unasked, instead] of UNASKED[basename(id, '.js')]!) {
        const before = lean;
        lean = lean.replace(unasked, instead);
        if (lean === before) throw new Error(`Lit has changed: ${unasked.source} is not there any more.`);
      }
      // Names that nobody else uses.
      return lean.replace(/_\$(?:[AC](?=\w\b)|lit(\w)\w+\$)/g, '_$1');
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

/** The two that every reader loads. They are entries, so that what parts take from them is exported by its own name. */
const ENTRIES = {
  reader: resolve(root, 'widget/index.ts'),
  live: resolve(root, 'widget/elements/kit/kit.ts'),
};

interface Graph {
  getModuleInfo(id: string): { importers: readonly string[] } | null;
}

/** Whether the entry needs this module to begin. */
function isOf(entry: string, id: string, graph: Graph, seen = new Set<string>()): boolean {
  if (id === entry) return true;
  if (seen.has(id)) return false;
  seen.add(id);
  return graph.getModuleInfo(id)?.importers.some((importer) => isOf(entry, importer, graph, seen)) ?? false;
}

/** Small, and of several parts. */
const SHARED = /\/(icon|problem|visit)\.ts$/;

/**
 * Where a module stands that more than one part needs: with what is there before any of them. A file of its own would be one
 * more to wait for, behind the part.
 */
function homeOf(id: string, graph: Graph): string | null {
  if (isOf(ENTRIES.reader, id, graph)) return 'reader';
  return isOf(ENTRIES.live, id, graph) || SHARED.test(id) ? 'live' : null;
}

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
