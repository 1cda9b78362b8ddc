// What the script tag runs: finds or makes the page's discussions and starts each one when the reader comes near it.
// A classic script, because that is what people paste. Must stay tiny and must not render anything itself.
import { settingsOf, TAG } from './elements/settings.js';
import type { define, Embed } from './index.js';

const AGAIN_MS = 5_000;
/** A page that is never idle is not waited for any longer. */
const BUSY_MS = 2_000;

/** As the page has it: not yet, or already, a discussion. */
type Place = HTMLElement & { preload?(): void };

function embed(script: HTMLScriptElement): void {
  const early: Embed['early'] = new Map();
  /** With a slash at its end. */
  const base = new URL('.', script.src).href;
  const settings = settingsOf({ server: base.slice(0, -1), ...(script.dataset as Record<string, string>) });
  /** The one that this script made. */
  let own: Place | undefined;

  const near = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && start(target as Place)),
    { rootMargin: '600px' },
  );

  /** The code and the data travel side by side; once is enough. */
  function start(element: Place): void {
    if (element.preload) return element.preload();
    // A second copy of this script sees it as well.
    element.preload = () => {};
    const address = settings.address(element);
    // Else the page has brought the replies itself.
    if (!element.shadowRoot)
      early.set(
        address,
        fetch(address).catch(() => null),
      );
    load();
    // The first use of Intl takes a phone as long as drawing the replies; while they are on their way it costs nobody anything.
    setTimeout(() => new Intl.RelativeTimeFormat());
  }

  /**
   * Loader and reader may be of two versions, each from its own cache: what they say to each other only grows. Chromium never
   * asks again for a module that it could not get, so that the next attempt has another address for all that belongs to it.
   */
  function load(folder = 'widget/'): void {
    (import(/* @vite-ignore */ base + folder + 'reader.js') as Promise<{ define: typeof define }>).then(
      (reader) => {
        // From here on the elements see to themselves.
        later.disconnect();
        reader.define({ settings, early, own });
      },
      () => setTimeout(load, AGAIN_MS, `widget/${Date.now()}/`),
    );
  }

  /** `status` marks what is taken care of, so that a second copy of this script leaves it alone. */
  function adopt(): void {
    document.querySelectorAll<Place>(`${TAG}:not([status])`).forEach((element) => {
      if (own !== element) own?.remove();
      element.setAttribute('status', 'connecting');
      // As high as an empty discussion is; the element lets go of it together with the first paint.
      element.style.cssText += ';display:block;height:16.6em';
      near.observe(element);
    });
  }

  /** The first paint only: for paper, for pictures of the whole page and for those who jump to its end. */
  function all(): void {
    document.querySelectorAll<Place>(TAG).forEach(start);
  }

  /** PAGE1. At once, so that as little as possible is painted that has to make room; else when the page is whole. */
  function settle(): void {
    const { body, readyState } = document;
    if (!document.querySelector(TAG)) {
      own = document.createElement(TAG);
      if (body?.contains(script)) script.after(own);
      else if (readyState !== 'loading') body.append(own);
    }
    adopt();
    // Safari can't tell when it is idle, and takes the object for no time at all.
    if (readyState === 'complete') (self.requestIdleCallback ?? setTimeout)(all, { timeout: BUSY_MS } as never);
  }

  /** The page's own may stand below this script, or come with a page that another script shows. */
  const later = new MutationObserver(adopt);
  later.observe(document, { childList: true, subtree: true });
  settle();
  document.addEventListener('readystatechange', settle);
  addEventListener('beforeprint', all);
}

// `currentScript` is null where a bundler or a module put the script in.
const own = document.currentScript ?? document.querySelector('script[src*="afterword.js"]');
if (own) embed(own as HTMLScriptElement);
