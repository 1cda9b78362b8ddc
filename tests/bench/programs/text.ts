// The text of the replies that the benchmarks write: plain English words, so that the renderer has its ordinary work.
import { seeded } from '../harness/schedule.js';

const WORDS =
  'the of and to in that it is was for on are with as they at be this have from or had by but what some we can ' +
  'out other were all there when up use your how said an each she which do their time if will way about many ' +
  'then them write would like so these her long make thing see him two has look more day could go come did ' +
  'number sound no most people my over know water than call first who may down side been now find any new work ' +
  'part take get place made live where after back';

/** Exactly this many ASCII characters in sentences and paragraphs; the same for the same seed. */
export function textOf(length: number, seed: number): string {
  const words = WORDS.split(' ');
  const random = seeded(seed);
  let text = '';
  for (let n = 1; text.length < length; n++) {
    const word = words[Math.floor(random() * words.length)]!;
    text += n % 12 === 1 ? word[0]!.toUpperCase() + word.slice(1) : word;
    text += n % 36 === 0 ? '.\n\n' : n % 12 === 0 ? '. ' : ' ';
  }
  // White space at the end would be cut off by the server.
  return `${text
    .slice(0, length - 1)
    .trimEnd()
    .padEnd(length - 1, 's')}.`;
}

/** So many different ones that nothing learns them; made before anything is measured. */
export function someTexts(length: number): readonly string[] {
  return Array.from({ length: 64 }, (_, i) => textOf(length, i));
}

/** The HTML that our renderer makes of such a text: what a baseline has to store and to send. */
export function htmlOf(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) => `<p dir="auto">${paragraph}</p>`)
    .join('\n');
}
