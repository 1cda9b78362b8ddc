// `npm run test:engines`: the widget in Firefox and in WebKit, where they are installed (ARCHITECTURE.md). Not a part of
// `npm test`: neither comes in a package.
import { defineConfig } from 'vitest/config';
import { mendedPostgres } from './tools/mended-postgres.js';
import { shippedPackages } from './tools/shipped-packages.js';

export default defineConfig({
  plugins: [mendedPostgres, shippedPackages],
  test: {
    include: ['tests/engines/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts', 'tests/support/build-setup.ts'],
    server: { deps: { inline: ['postgres'] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
