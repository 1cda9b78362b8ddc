// `npm run gallery`: pictures of every state of the widget, for people to look at. Not a part of the tests, but it fails as
// they do where a page complains.
import { defineConfig } from 'vitest/config';
import { shippedPackages } from './tools/shipped-packages.js';

export default defineConfig({
  plugins: [shippedPackages],
  test: {
    include: ['tests/gallery/*.ts'],
    globalSetup: ['tests/support/global-setup.ts', 'tests/support/build-setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
