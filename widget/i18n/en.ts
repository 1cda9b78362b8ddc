// English, the reading half: part of the first download, so every word here is paid by every reader.
import type { Message } from './catalogue.js';

export const READING = {
  heading: {
    0: 'No replies yet on “{title}”',
    one: '{n} reply on “{title}”',
    other: '{n} replies on “{title}”',
  },
  empty: 'Nothing has been said yet. Yours can be the first.',
  closed: 'This discussion is closed.',
  broken: 'The replies can’t be loaded now.',
  tryAgain: 'Try again',
  reply: 'Reply',
  edited: 'edited',
  removed: 'This reply was removed.',
  owner: 'Author',
  moderator: 'Moderator',
  more: { one: 'Show {n} more reply', other: 'Show {n} more replies' },
  moreInBranch: 'Show {n} more in this branch',
} satisfies Record<string, Message>;
