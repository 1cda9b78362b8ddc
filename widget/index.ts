// The reader's entry: defines the element, once for a page, whoever comes first.
import { part } from './part.js';
import type { Kits } from './elements/stage.js';
import type { Load } from './i18n/languages.js';
import { Discussion, type Context } from './elements/discussion/discussion.element.js';

/** The package's version: set by the build. */
declare const VERSION: string;
/** What tells this version's languages from another's: set by the build. */
declare const WORDS: string;

/** After this long the second download is asked for again. */
const AGAIN_MS = 10_000;
const TAG = 'afterword-discussion';

/** What the loader hands over. */
export type Embed = Pick<Context, 'settings' | 'early' | 'own'>;

/**
 * Defines `<afterword-discussion>` with what the script tag says. A page that includes the script twice keeps the first
 * definition; two different versions are told, because only one of them is used.
 */
export function define(embed: Embed): void {
  const known = customElements.get(TAG) as { version?: string } | undefined;
  if (!known) {
    let kits: Promise<Kits> | undefined;
    // Reading goes on without it. What is taken from it is named at once, which spares a file that would put it together.
    const load = (): Promise<Kits> =>
      part(() => import('./elements/kit/kit.js').then(({ createKits }) => ({ createKits }))).then(
        ({ createKits }) => createKits(VERSION),
        () => new Promise((again) => setTimeout(again, AGAIN_MS)).then(load),
      );
    const context: Context = {
      ...embed,
      kits: () => (kits ??= load()),
      language: (language) => {
        const file = `./${language}-${WORDS}.js`;
        return part(() => import(/* @vite-ignore */ file) as ReturnType<Load>, `from"${file}"`);
      },
    };
    customElements.define(
      TAG,
      class extends Discussion {
        static readonly version = VERSION;
        static override context = context;
      },
    );
  } else if (known.version !== VERSION) {
    // oxlint-disable-next-line no-console -- an owner who looks for the reason looks there
    console.warn(`Afterword ${known.version} is used, not ${VERSION}.`);
  }
}
