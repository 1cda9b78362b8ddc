// The ready-made looks and the strong contrast, loaded where an owner asks for one. Owns which sheets a discussion wears;
// each is made of the same custom properties and parts that an owner can set (docs/theming.md).
import { sheet } from '../elements/sheet.js';
import compact from './compact.css?inline';
import contrast from './contrast.css?inline';
import paper from './paper.css?inline';

const SHEETS = { paper: sheet(paper), compact: sheet(compact), contrast: sheet(contrast) };

/** Puts on this look, and takes off another; one that does not exist is the plain one. */
export function wear({ renderRoot }: { renderRoot: HTMLElement | DocumentFragment }, look: string): void {
  change(renderRoot as ShadowRoot, [SHEETS.paper, SHEETS.compact], look === 'contrast' ? '' : look);
}

/** Says nothing by a shade alone, or does again. */
export function strengthen(root: ShadowRoot, isStrong: boolean): void {
  change(root, [SHEETS.contrast], isStrong ? 'contrast' : '');
}

function change(root: ShadowRoot, off: readonly CSSStyleSheet[], on: string): void {
  const others = root.adoptedStyleSheets.filter((one) => !off.includes(one));
  root.adoptedStyleSheets = Object.hasOwn(SHEETS, on) ? [...others, SHEETS[on as keyof typeof SHEETS]] : others;
}
