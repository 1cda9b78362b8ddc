// Builds the demo into dist/demo: the article with the configurator (index.html) and the plain page (plain.html).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, 'demo');

export default defineConfig({
  root,
  base: './',
  publicDir: false,
  plugins: [
    {
      name: 'settled-first-paint',
      // The script reads from the address whether the page is dark, or a second reader's: nothing is painted before.
      transformIndexHtml: {
        order: 'post',
        handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
      },
    },
    {
      name: 'as-written',
      // The plain page shows what an owner's page looks like, to those who read its source too; the drawings have
      // addresses that never change.
      generateBundle() {
        for (const fileName of ['plain.html', 'favicon.svg', 'mark.svg']) {
          this.emitFile({ type: 'asset', fileName, source: readFileSync(resolve(root, fileName), 'utf8') });
        }
      },
    },
  ],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/demo'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inside `data:` addresses: the page's content security policy need not allow them.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: resolve(root, 'index.html') },
  },
});
