// The one place where text becomes markup. What is shown the server has rendered and sanitised (`Reply.html`): nothing else
// may be passed to `safeHtml`. What comes from elsewhere is parsed apart from the page.
import { noChange } from 'lit';
import { directive, Directive, type ElementPart } from 'lit/directive.js';

/** As Trusted Types name it; TypeScript's DOM library does not know them yet. */
interface Policies {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): { createHTML(html: string): string };
}

const rules = { createHTML: (html: string) => html };
/** The name stands in the documents: a page that restricts policies lists `afterword` and `lit-html`. */
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('afterword', rules) ?? rules;

/** Fills its element and touches it again only when the text changed, so that a selection in it survives. */
class SafeHtml extends Directive {
  #shown: string | undefined;

  /** What it is given; Lit asks `update`. */
  declare render: (html: string, text?: string) => unknown;

  override update({ element }: ElementPart, [html, text]: [string, string?]): unknown {
    const next = text ?? html;
    if (next === this.#shown) return noChange;
    this.#shown = next;
    if (text === undefined) element.innerHTML = policy.createHTML(html);
    else element.textContent = text;
    return noChange;
  }
}

/** `<div ${safeHtml(reply.html)}></div>`: the element's whole content; `text`, where there is some, as it is written. */
export const safeHtml = directive(SafeHtml);

/** A document apart from the page, where nothing runs or loads: to take words out of it, not to show it. */
export function parsedApart(html: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
}
