// Makes the first dress readable: the accent corrected, the strengths of the text measured against what is really
// behind it. Writes custom properties on the root through the CSSOM (which a strict CSP allows) and nothing else.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import {
  BLACK,
  contrast,
  css,
  luminance,
  over,
  READABLE,
  readableColour,
  readableShare,
  STRONG,
  WHITE,
  type Colour,
} from './contrast.js';
import { isStrong, pageColours, prefersDark, resolve } from './page.js';

/** What is painted where the owner wants another scheme than the page has. */
const OWN: Record<string, { back: Colour; text: Colour }> = {
  light: { back: WHITE, text: [0.11, 0.11, 0.12, 1] },
  dark: { back: [0.09, 0.095, 0.105, 1], text: [0.91, 0.9, 0.88, 1] },
};
/** What the owner can set about the looks. */
const WISHES = ['theme', 'accent', 'radius', 'font', 'density'] as const;
/** How strong the tint behind an arrival is: the accent has to be readable on it as well. */
const TINT = 0.08;

/**
 * Runs after a render where something it depends on may have changed: `dirty()`, what the owner asks for, the system's scheme, an attribute of
 * the page's root or body (where sites keep their dark mode).
 */
export class Theme implements ReactiveController {
  readonly #stage: Stage;
  #isDirty = true;
  /** The wishes that were met last. */
  #met = '';
  readonly #changed = (): void => this.dirty();
  readonly #observer = new MutationObserver(this.#changed);

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostConnected(): void {
    prefersDark().addEventListener('change', this.#changed);
    for (const node of [document.documentElement, document.body]) this.#observer.observe(node, { attributes: true });
    this.dirty();
  }

  hostDisconnected(): void {
    prefersDark().removeEventListener('change', this.#changed);
    this.#observer.disconnect();
  }

  dirty(): void {
    this.#isDirty = true;
    this.#stage.requestUpdate();
  }

  hostUpdated(): void {
    const stage = this.#stage;
    const root = stage.renderRoot.querySelector<HTMLElement>('#root');
    const asked = WISHES.map((name) => stage.setting(name)).join('\n');
    // A new first dress has swept away what was written here.
    if (!root || (!this.#isDirty && asked === this.#met && root.style.getPropertyValue('--_soft'))) return;
    this.#isDirty = false;
    this.#met = asked;
    const wish = stage.setting('theme');
    let { back, text } = pageColours(stage);
    const page = luminance(back) < 0.3 ? 'dark' : 'light';
    const scheme = Object.hasOwn(OWN, wish) ? wish : page;
    const own = scheme !== page;
    if (own) ({ back, text } = OWN[scheme]!);
    const set = (name: string, value: string) => root.style.setProperty(name, value);
    set('color-scheme', scheme);
    root.classList.toggle('own', own);
    set('--_accent', '');
    const raw = resolve(root, 'var(--_accent)');
    const least = isStrong(wish) ? STRONG : READABLE;
    const accent = raw && readableColour(raw, least, back, over(raw, back, TINT));
    root.style.color = '';
    if (accent) {
      set('--_accent', css(accent));
      set('--_on', css(contrast(WHITE, accent) >= contrast(BLACK, accent) ? WHITE : BLACK));
    }
    const radius = stage.setting('radius');
    const corner = +radius >= 0 ? `${radius}px` : radius;
    set('--_corner', CSS.supports('border-radius', corner) ? corner : '');
    set('--_soft', Math.round(readableShare(text, back, 0.66, least) * 100) + '%');
  }
}
