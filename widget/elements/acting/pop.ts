// A small box beside the button that asked for it. The browser closes it (Escape, a press elsewhere); it stands above everything, so that nothing clips it. Owns where it stands, not what is in it.
import { render } from 'lit';
import type { Stage } from '../stage.js';

const GAP_PX = 4;

export class Pop {
  readonly #stage: Stage;
  readonly #box = document.createElement('div');

  /** What asked for it. */
  #button: HTMLElement | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
    // Through a shadow root not every browser gives the focus back. Who went elsewhere stays there.
    this.#box.addEventListener('beforetoggle', ({ newState }) => {
      if (newState === 'closed' && this.#box.matches(':focus-within')) this.#button?.focus({ preventScroll: true });
    });
    this.#box.className = 'pop';
    this.#box.popover = 'auto';
    this.#box.setAttribute('part', 'pop');
    this.#box.setAttribute('role', 'dialog');
  }

  /** The focus goes to the first thing in it that takes it. */
  open(button: HTMLElement, label: string, content: unknown): void {
    const box = this.#box;
    this.close();
    this.#stage.renderRoot.querySelector('#root')!.append(box);
    box.setAttribute('aria-label', label);
    this.draw(content);
    this.#button = button;
    box.showPopover();
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const view = document.documentElement;
    const start = getComputedStyle(box).direction === 'rtl' ? right - width : left;
    const x = Math.max(GAP_PX, Math.min(start, view.clientWidth - width - GAP_PX));
    // Where there is no room above it, below.
    const y = top - height - GAP_PX < 0 ? bottom + GAP_PX : top - height - GAP_PX;
    box.style.left = `${x + scrollX}px`;
    box.style.top = `${y + scrollY}px`;
    box.querySelector<HTMLElement>('[tabindex="0"], input')?.focus({ preventScroll: true });
  }

  /** Its content, also while it is open. */
  draw(content: unknown): void {
    render(content, this.#box);
  }

  close(): void {
    if (this.#box.isConnected) this.#box.hidePopover();
  }
}
