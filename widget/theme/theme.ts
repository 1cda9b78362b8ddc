// Makes the first dress readable: whatever colours the owner set, or nobody, are measured against what is really behind them
// and corrected. Writes custom properties on the root through the CSSOM (which a strict CSP allows) and nothing else.
import type { ReactiveController } from 'lit';
import type { Stage } from '../elements/stage.js';
import { BLACK, contrast, css, luminance, over, READABLE, readableColour, STRONG, VISIBLE, WHITE } from './contrast.js';
import { isStrong, pageColours, prefersDark, resolve } from './page.js';

/** What the owner can set about the looks. */
const WISHES = ['theme', 'accent', 'radius', 'font', 'density'] as const;
const ACCENT = '--_accent';
/** The other colours of words, and those of rings, edges and dots. */
const WORDS = ['--_muted', '--_danger', '--_mark'];
const SHAPES = ['--_live', '--_focus', '--_edge'];

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
    if (!root || (!this.#isDirty && asked === this.#met && root.style.getPropertyValue('--_on'))) return;
    this.#isDirty = false;
    this.#met = asked;
    const set = (name: string, value: string) => root.style.setProperty(name, value);
    const wish = stage.setting('theme');
    const { style, classList } = root;
    classList.remove('own');
    let { back, text } = pageColours(root);
    const page = luminance(text) > luminance(back) ? 'dark' : 'light';
    style.colorScheme = wish === 'light' || wish === 'dark' ? wish : page;
    // Another scheme than the page's: the discussion paints its own ground.
    if (style.colorScheme !== page) {
      classList.add('own');
      ({ back } = pageColours(root));
    }
    // A child: what is mixed with the colour of the text has to know the text's.
    const probe = root.firstElementChild as HTMLElement;
    const seen = (name: string, on = back) => over(resolve(probe, `var(${name}, transparent)`) ?? on, on);
    const isMore = isStrong(wish);
    const least = isMore ? STRONG : READABLE;
    // Whatever is written has the style of every reply made anew as soon as something is read: first all is let go of, and what
    // nothing else is made of is written when all is known.
    for (const name of [ACCENT, ...WORDS, ...SHAPES]) set(name, '');
    const backs = [back, seen('--_surface')];
    const raw = seen(ACCENT);
    set(ACCENT, css(readableColour(raw, least, ...backs)));
    // What is tinted holds words as well.
    backs.push(...backs.map((one) => seen('--_tint', one)));
    const accent = readableColour(raw, least, ...backs);
    set(ACCENT, css(accent));
    const mend = (name: string, least: number) => [name, css(readableColour(seen(name), least, ...backs))] as const;
    const mended = [
      ...WORDS.map((name) => mend(name, least)),
      ...SHAPES.map((name) => mend(name, isMore ? READABLE : VISIBLE)),
    ];
    const own = seen('--afterword-accent-contrast', accent);
    const best = contrast(WHITE, accent) >= contrast(BLACK, accent) ? WHITE : BLACK;
    for (const [name, colour] of mended) set(name, colour);
    set('--_on', css(contrast(own, accent) >= least ? own : best));
    const radius = stage.setting('radius');
    const corner = +radius >= 0 ? `${radius}px` : radius;
    set('--afterword-radius', CSS.supports('border-radius', corner) ? corner : '');
  }
}
