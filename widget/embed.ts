// What the script tag runs: finds or makes the page's discussions and starts each one when the reader comes near it.
// A classic script, because that is what people paste. Must stay tiny and must not render anything itself.
import { settingsOf, TAG } from './elements/settings.js';
import type { define, Embed } from './index.js';

/** The file name of the reader's chunk: set by the build. */
declare const READER: string;

const AGAIN_MS = 5_000;

function embed(script: HTMLScriptElement): void {
  const early: Embed['early'] = new Map();
  const base = new URL('.', script.src);
  const settings = settingsOf(Object.assign({ server: base.href.slice(0, -1) }, script.dataset));

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        start(target);
      }
    },
    { rootMargin: '600px' },
  );

  /** The code and the data travel side by side. */
  function start(element: Element): void {
    const address = settings.address(element);
    early.set(
      address,
      fetch(address).catch(() => undefined),
    );
    load();
  }

  /** After an update this script, still in a cache, names a file that is gone: then whatever reader there is now. */
  function load(file = READER): void {
    (import(/* @vite-ignore */ new URL(file, base).href) as Promise<{ define: typeof define }>).then(
      (reader) => reader.define({ settings, early }),
      () => setTimeout(load, AGAIN_MS, `widget/reader.js?${Date.now()}`),
    );
  }

  /** `status` marks what is taken care of, so that a second copy of this script leaves it alone. */
  function adopt(): void {
    for (const element of document.querySelectorAll<HTMLElement>(`${TAG}:not([status])`)) {
      element.setAttribute('status', 'connecting');
      // What follows in the page is out of sight before the replies push it there; the element lets go of it.
      element.style.cssText += ';display:block;min-height:100vh';
      near.observe(element);
    }
  }

  /** PAGE1. At once, so that as little as possible is painted that has to make room. */
  let own: Element | undefined;
  if (!document.querySelector(TAG) && document.body?.contains(script)) {
    own = document.createElement(TAG);
    script.after(own);
  }
  adopt();

  /** The page is whole: its own element may have stood below this script, or there is only now a body. */
  function settle(): void {
    const found = document.querySelectorAll(TAG).length;
    if (own && found > 1) own.remove();
    if (!found) document.body.append(document.createElement(TAG));
    adopt();
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', settle);
  else settle();
}

// `currentScript` is null where a bundler or a module put the script in.
const own = document.currentScript ?? document.querySelector('script[src*="afterword.js"]');
if (own) embed(own as HTMLScriptElement);
