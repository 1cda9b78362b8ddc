// Whether the shell in which npm runs us is gone.

/** What npm says it runs where that is the server and nothing else: `node tools/afterword.mjs`, `'afterword' start`. */
const SERVER_ALONE = /\bafterword(\.mjs)?['"]?( ['"]?start['"]?)?$/;
const LOOK_MS = 500;

/**
 * npm (`npm start`, `npx afterword`) hands a signal to the shell in which it runs us, and that hands it to nobody: all that
 * we see of it is another parent. Never resolves where npm doesn't run us.
 */
export function npmShellGone(env: NodeJS.ProcessEnv, parentNow: () => number): Promise<string> {
  const parent = parentNow();
  return new Promise((resolve) => {
    if (!SERVER_ALONE.test(env['npm_lifecycle_script'] ?? '')) return;
    const look = setInterval(() => {
      if (parentNow() === parent) return;
      clearInterval(look);
      resolve('npm was ended');
    }, LOOK_MS);
    look.unref();
  });
}
