// English for what is loaded on use while reading: branches, visits, reports, history. Paid by those who use them.
import type { Message } from './catalogue.js';

export const TOOLS = {
  history: 'Earlier versions',
  until: 'until {time}',
  quote: 'Quote',
  reportWhy: 'What is wrong with this reply?',
  reasonSpam: 'Spam',
  reasonAbuse: 'Insults or threats',
  reasonOffTopic: 'Off topic',
  reasonOther: 'Something else',
  reportNote: 'More about it, if you like',
  reportSend: 'Send report',
  reported: 'Thank you. Those who look after this discussion will see it.',
  paused: 'Paused, {n} changed. Go on',
  orderFailed: 'The other order can’t be loaded right now. What you see is kept.',
  sinceVisit: { one: '{n} new since your last visit', other: '{n} new since your last visit' },
  news: 'new',
  nextNew: 'Next',
  previousNew: 'Previous',
  closeNews: 'Close this line',
  finding: 'Looking for the reply',
  linkGone: 'The reply that this link leads to is not here any more.',
  allReplies: 'Back to all replies',
  backToAnswer: 'Back to the answer',
} satisfies Record<string, Message>;
