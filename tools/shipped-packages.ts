// Has the tests run packages as they are shipped. A test run counts as development, for which some packages have a build of
// their own (Lit's, which says so each time, and which no reader and no server ever runs).
import type { Plugin } from 'vite';

export const shippedPackages: Plugin = {
  name: 'shipped-packages',
  configEnvironment: {
    // After the test runner's own.
    order: 'post',
    handler: (_, { resolve }) => {
      if (resolve?.conditions)
        resolve.conditions = resolve.conditions.map((one) => (one === 'development|production' ? 'production' : one));
    },
  },
};
