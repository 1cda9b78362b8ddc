// English for what is loaded on use while reading: menus, keyboard help, history. Paid by those who open them.
import type { Message } from './catalogue.js';

export const TOOLS = {
  keys: 'Keyboard shortcuts',
  keyHelp: 'Show or close this help',
  close: 'Close',
  finding: 'Looking for the reply',
  linkGone: 'The reply that this link leads to is not here any more.',
  allReplies: 'Back to all replies',
  backToAnswer: 'Back to the answer',
} satisfies Record<string, Message>;
