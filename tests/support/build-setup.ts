// What is shipped, for the tests that run it in a browser: made once for the whole run, where a source is newer.
import { isBuildFresh, runBuild } from '../../tools/build.mjs';

export async function setup(): Promise<void> {
  if (!isBuildFresh()) await runBuild();
}
