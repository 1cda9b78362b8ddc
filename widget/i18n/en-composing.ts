// English for what comes when the composer is first touched: its tools, and what can go wrong with what is written.
import type { ErrorCode } from '../../shared/errors.js';
import type { Message } from './catalogue.js';

const ERRORS = {
  'error.invalid': 'The server did not accept this text. Change it and try again.',
  'error.protocol_unsupported': 'This page is out of date. Reload it.',
  'error.site_unknown': 'The server knows no site called “{site}”. Site owners: check data-site in the snippet.',
  'error.origin_refused':
    'The site “{site}” does not accept replies on {origin}. Site owners: add this origin to the site’s list.',
  'error.token_invalid': 'Your name has to be given again.',
  'error.sign_in_required': 'Give a name first.',
  'error.forbidden': 'You may not do this.',
  'error.not_found': 'It is not there any more.',
  'error.conflict': 'It was changed elsewhere in the meantime. Compare, then save again.',
  'error.thread_closed': 'The discussion was closed before this arrived.',
  'error.too_late': 'The time for this is over.',
  'error.parent_gone': 'The reply that this answers was removed.',
  'error.rate_limited': 'That was fast. Wait a moment.',
  'error.overloaded': 'The server is busy. Try again in a moment.',
  'error.internal': 'Something failed on the server. Try again in a moment.',
} satisfies Record<`error.${ErrorCode}`, Message>;

export const COMPOSING = {
  ...ERRORS,
  wrongSetting: 'The discussion can’t be shown: “{field}” is not valid here. Site owners: check the snippet.',
  editHeading: 'Edit your reply',
  save: 'Save changes',
  saved: 'Your changes are saved.',
  tooLong: { one: '{n} character too long', other: '{n} characters too long' },
  charactersLeft: { one: '{n} character left', other: '{n} characters left' },
  nameRefused: 'This name is kept for somebody here. Choose another.',
  formatting: 'Formatting',
  bold: 'Bold',
  italic: 'Italic',
  link: 'Link',
  list: 'List',
  quote: 'Quote',
  code: 'Code',
  emoji: 'Emoji',
  emojiHint: 'Type : and a name, or press {keys} for all of them.',
  people: 'People here',
  preview: 'Preview',
  previewing: 'Preparing the preview',
  previewFailed: 'The preview needs the line to the server. Your text is kept.',
  draftKept: 'Kept on this device',
  answeredMeanwhile: {
    one: '{n} person answered this while you wrote.',
    other: '{n} people answered this while you wrote.',
  },
  showThem: 'Show',
  parentChanged: 'What you answer was changed since you began. Look at it above, then send.',
  parentRemoved: 'What you answer was removed since you began.',
  toDiscussion: 'Write it to the discussion instead',
  theirs: 'As it is now',
  keepMine: 'Keep mine',
  takeTheirs: 'Take the other text',
} satisfies Record<string, Message>;
