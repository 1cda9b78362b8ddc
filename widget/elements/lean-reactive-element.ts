// What the build puts in the place of `@lit/reactive-element`: the part of Lit's base class that the widget uses, in a
// sixth of its weight. Left out: reactive properties, attribute converters, styles without constructable sheets and
// hydration. The names and the order of the callbacks are Lit's (see its ReactiveElement), so that the elements run on
// either; `docs/decisions/0005-lean-lit.md` has the figures.
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class ReactiveElement extends HTMLElement implements ReactiveControllerHost {
  static styles: CSSStyleSheet | undefined;

  static get observedAttributes(): string[] {
    return [];
  }

  renderRoot!: HTMLElement | DocumentFragment;
  isUpdatePending = false;
  hasUpdated = false;
  readonly #controllers = new Set<ReactiveController>();
  #update: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.requestUpdate();
  }

  addController(controller: ReactiveController): void {
    this.#controllers.add(controller);
    if (this.renderRoot && this.isConnected) controller.hostConnected?.();
  }

  removeController(controller: ReactiveController): void {
    this.#controllers.delete(controller);
  }

  createRenderRoot(): HTMLElement | DocumentFragment {
    const root = this.attachShadow({ mode: 'open' });
    const { styles } = this.constructor as typeof ReactiveElement;
    if (styles) root.adoptedStyleSheets = [styles];
    return root;
  }

  /** The first update waits for it, as every later one waits for the end of the running task. */
  connectedCallback(): void {
    this.renderRoot ??= this.createRenderRoot();
    for (const controller of this.#controllers) controller.hostConnected?.();
    if (this.isUpdatePending) this.#enqueue();
  }

  disconnectedCallback(): void {
    for (const controller of this.#controllers) controller.hostDisconnected?.();
  }

  attributeChangedCallback(_name: string, _before: string | null, _now: string | null): void {}

  requestUpdate(): void {
    if (this.isUpdatePending) return;
    this.isUpdatePending = true;
    if (this.renderRoot) this.#enqueue();
  }

  get updateComplete(): Promise<boolean> {
    return this.#update.then(() => !this.isUpdatePending);
  }

  protected update(_changed: Map<PropertyKey, unknown>): void {}

  protected firstUpdated(): void {}

  protected updated(): void {}

  #enqueue(): void {
    const perform = () => this.#perform();
    // A render that failed is reported as a rejection and does not stand in the way of the next.
    this.#update = this.#update.then(perform, perform);
  }

  #perform(): void {
    if (!this.isUpdatePending) return;
    for (const controller of this.#controllers) controller.hostUpdate?.();
    // Lit ends the pending state here: what asks for an update from now on gets another one.
    try {
      this.update(new Map());
    } finally {
      this.isUpdatePending = false;
    }
    for (const controller of this.#controllers) controller.hostUpdated?.();
    if (!this.hasUpdated) {
      this.hasUpdated = true;
      this.firstUpdated();
    }
    this.updated();
  }
}
