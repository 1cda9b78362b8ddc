// English for what is loaded on use while reading: menus, keyboard help, history. Paid by those who open them.
import type { Message } from './catalogue.js';

export const TOOLS = {
  keys: 'Keyboard shortcuts',
  keyHelp: 'Show or close this help',
  close: 'Close',
} satisfies Record<string, Message>;
