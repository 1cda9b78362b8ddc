// The sample thread that a first start puts under the demo's article: seven invented readers' replies to it, and
// nothing else. Plain data; whoever puts it into a database takes the words of `body` for Markdown.

/** The key of the thread that the demo page shows. */
export const SAMPLE_KEY = 'afterword-demo';
/** The article's title. */
export const SAMPLE_TITLE = 'A letter box with teeth';

export interface SampleReply {
  /** Fixed UUIDv7, so that a second run finds the first one's rows and `sample remove` knows what to take away. */
  readonly id: string;
  /** The id of an earlier entry of the list; null answers the article. */
  readonly parent: string | null;
  readonly author: { readonly id: string; readonly name: string; readonly badge: 'owner' | 'guest' };
  /** Markdown. */
  readonly body: string;
  /** How long before the first start it was written; never grows along the list. */
  readonly minutesAgo: number;
}

// Ids like those of real people: avatars take their colours from them.
const ines = { id: '019c0de0-5a00-7bef-8bca-ca11c1c41a40', name: 'Ines Calloway', badge: 'owner' } as const;
const tomas = { id: '019c0de0-5a00-7ec1-8314-1422128a2847', name: 'Tomás Ferreira', badge: 'guest' } as const;
const ruth = { id: '019c0de0-5a00-742e-8d5e-5ecc56b6ee32', name: 'Ruth Abernethy', badge: 'guest' } as const;
const kofi = { id: '019c0de0-5a00-7f7d-8b4e-4e0e412e7f1d', name: 'Kofi Mensah', badge: 'guest' } as const;
const noor = { id: '019c0de0-5a00-7e0b-8b9c-9ccbaf72ba7e', name: 'Noor', badge: 'guest' } as const;

const motto = '019c0de0-5a00-7000-8000-00000000b001';
const mottoAnswer = '019c0de0-5a00-7000-8000-00000000b002';
const mottoClose = '019c0de0-5a00-7000-8000-00000000b003';
const lettersDesk = '019c0de0-5a00-7000-8000-00000000b004';
const threeRules = '019c0de0-5a00-7000-8000-00000000b005';
const hangover = '019c0de0-5a00-7000-8000-00000000b006';
const venice = '019c0de0-5a00-7000-8000-00000000b007';

/** Oldest first; a parent stands before its children. */
export const SAMPLE: readonly SampleReply[] = [
  {
    id: motto,
    parent: null,
    author: tomas,
    minutesAgo: 2 * 24 * 60 + 95,
    body: `The motto gets better. Every old book that describes the lion gives its first word as *Cervantur*. Martial wrote *servantur*.

So the grandest letter box in London had a typing error in the house rules, and no **Edit** button.`,
  },
  {
    id: mottoAnswer,
    parent: motto,
    author: ines,
    minutesAgo: 2 * 24 * 60 + 41,
    body: `I went back and forth on this one and left it out, because I could not find out whether the slip was the carver’s or the first copyist’s. If the carver’s: he charged by the letter, and it is the same number of letters.`,
  },
  {
    id: lettersDesk,
    parent: null,
    author: ruth,
    minutesAgo: 27 * 60,
    body: `I opened the post for a small-town weekly for eleven years, so let me say a word for the person with the key.

What nobody tells you is how few of the letters are angry. The angry ones are memorable, and they come in twos and threes, but most of the bag was people adding something: the name of the man in the photograph, the year the bridge was really closed, a recipe, a correction of a correction. They did not want to win. They wanted the record to be a little fuller than they had found it.

The second thing is that printing a letter changes the next week’s letters. When we ran the careful ones, we got careful ones. One winter an editor ran a month of insults because they were lively, and it took us until summer to get the recipes back.

> What stood behind it was different

is the whole trade in six words. The slot in our door was a perfectly ordinary slot.`,
  },
  {
    id: threeRules,
    parent: lettersDesk,
    author: kofi,
    minutesAgo: 25 * 60,
    body: `“Printing a letter changes the next week’s letters” should be carved over somebody’s fireplace. From the lion and from your desk together I get three rules:

1. Open at all hours, so that nobody has to be important to get in.
2. A lock, and one *named* person with the key.
3. What comes out stands on the same page as what provoked it.

Most of what went wrong since went wrong by keeping the first and dropping the other two.`,
  },
  {
    id: hangover,
    parent: null,
    author: noor,
    minutesAgo: 7 * 60 + 20,
    body: `Please don’t leave the hangover in a side note! It is one word, *latheirt*, written in ogham in the margin of a Latin grammar, and scholars take it to mean something like “the ale has done for us”. Nearly twelve centuries on it still reads like a message to the whole office.`,
  },
  {
    id: venice,
    parent: threeRules,
    author: noor,
    minutesAgo: 3 * 60 + 12,
    body: `Careful with the second. Venice had locks as well, and people with keys. A lock says that somebody reads; it does not say *for whom*. I would put your third rule first and let the other two serve it.`,
  },
  {
    id: mottoClose,
    parent: mottoAnswer,
    author: tomas,
    minutesAgo: 48,
    body: `The same number of letters! I withdraw my complaint and transfer it to the Romans.`,
  },
];
