// Bundles the server for Node, own code and dependencies together: it starts in a quarter of the time. Two entries, one for
// serving and one for every other command; what both need is in chunks beside them.
import { defineConfig } from 'vite';
import { mendedPostgres } from './tools/mended-postgres.js';

// oxlint-disable-next-line import/no-default-export -- vite reads the default export
export default defineConfig({
  publicDir: false,
  // The widget's templates are run by the server as well: of Lit they need no element.
  resolve: { alias: [{ find: /^lit$/, replacement: 'lit/html.js' }] },
  plugins: [mendedPostgres],
  build: {
    ssr: true,
    outDir: 'dist/server',
    target: 'node20',
    rolldownOptions: {
      input: { main: 'server/main.ts', commands: 'server/commands/main.ts' },
      // All in one folder: from it the package's own is found (server/root.ts).
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  ssr: {
    noExternal: true,
    // Binaries, and what starts worker threads from files of its own.
    external: ['pino', 'pino-pretty', 'bufferutil', 'utf-8-validate'],
  },
});
