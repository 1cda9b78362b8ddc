// Owns what becomes of the parsed blocks before they are written as HTML: headings and directions. Works on
// markdown-it's token stream; writes no HTML itself. What stands inside a block is in render-inline.ts.
import type { StateCore, Token } from 'markdown-it';
import { firstDirection } from './render-bidi.js';
import { createInline } from './render-inline.js';

/** The last core rule: changes the state's tokens. */
export function finish(state: StateCore): void {
  const inline = createInline(state);
  const containers: Token[] = [];
  let heading = false;
  for (const token of state.tokens) {
    switch (token.type) {
      case 'blockquote_open':
      case 'bullet_list_open':
      case 'ordered_list_open':
        containers.push(token);
        break;
      case 'blockquote_close':
      case 'bullet_list_close':
      case 'ordered_list_close':
        containers.pop();
        break;
      case 'heading_open':
        heading = true;
        token.tag = 'p';
        token.attrSet('dir', 'auto');
        break;
      case 'heading_close':
        token.tag = 'p';
        break;
      case 'paragraph_open':
        token.attrSet('dir', 'auto');
        break;
      case 'inline':
        token.children = inline(token.children ?? [], { bold: heading });
        heading = false;
        break;
    }
    direct(containers, token.content);
  }
}

/**
 * Gives the containers that have none the direction of their first text. Not left to `dir="auto"`, which looks past
 * every element that has a direction of its own and so would put the bullets of an Arabic list on the left.
 */
function direct(containers: readonly Token[], text: string): void {
  const direction = firstDirection(text);
  if (direction === null) return;
  for (const container of containers) {
    if (container.attrGet('dir') === null) container.attrSet('dir', direction);
  }
}
