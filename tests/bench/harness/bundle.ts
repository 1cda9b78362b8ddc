// Makes what runs in the processes of a benchmark: our server as it is built, and the programs beside it, bundled by
// the same tool into a folder of the run. What is measured doesn't change when sources or dist/ do meanwhile.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../../..');
/** In a process of its own: the builder ends it where the build fails. */
const REBUILD = `import { isBuildFresh, runBuild } from './tools/build.mjs'; if (!isBuildFresh()) await runBuild();`;
const PROGRAMS = ['probe', 'generator', 'socketio', 'ws', 'insert', 'pages', 'bare-page'] as const;

export type ProgramName = (typeof PROGRAMS)[number];

export interface Bundles {
  /** `dist/server/main.js` of this run's copy. */
  product: string;
  dist: string;
  programs: Record<ProgramName, string>;
}

/** `rebuild`: builds the product where a source is newer than dist/. */
export async function makeBundles(folder: string, { rebuild }: { rebuild: boolean }): Promise<Bundles> {
  if (rebuild) execFileSync(process.execPath, ['--input-type=module', '-e', REBUILD], { cwd: ROOT, stdio: 'inherit' });
  const home = join(folder, 'product');
  await mkdir(home);
  await cp(join(ROOT, 'dist'), join(home, 'dist'), { recursive: true });
  for (const part of ['node_modules', 'drizzle', 'package.json']) await symlink(join(ROOT, part), join(home, part));
  return {
    product: join(home, 'dist', 'server', 'main.js'),
    dist: join(home, 'dist'),
    programs: await bundlePrograms(join(home, 'programs')),
  };
}

async function bundlePrograms(outDir: string): Promise<Record<ProgramName, string>> {
  const source = resolve(import.meta.dirname, '../programs');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(PROGRAMS.map((name) => [name, join(source, `${name}.ts`)])),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
    // The histogram looks for zlib in a way that no bundler follows; the others are faster variants of what `ws` does
    // itself, which neither side has.
    ssr: { noExternal: true, external: ['hdr-histogram-js', 'bufferutil', 'utf-8-validate'] },
  });
  return Object.fromEntries(PROGRAMS.map((name) => [name, join(outDir, `${name}.mjs`)])) as Record<ProgramName, string>;
}
