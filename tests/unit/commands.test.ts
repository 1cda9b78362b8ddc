import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  command,
  continueLine,
  pasteLink,
  quoted,
  type Command,
  type Edit,
  type Selected,
} from '../../widget/elements/writing/commands.js';

/** `|` marks the caret, or both ends of the selection. */
function at(marked: string): Selected {
  const start = marked.indexOf('|');
  const end = marked.lastIndexOf('|');
  return { text: marked.replaceAll('|', ''), start, end: end === start ? start : end - 1 };
}
function done({ text }: Selected, { from, to, insert, start, end }: Edit): string {
  const next = text.slice(0, from) + insert + text.slice(to);
  return start === end
    ? `${next.slice(0, start)}|${next.slice(start)}`
    : `${next.slice(0, start)}|${next.slice(start, end)}|${next.slice(end)}`;
}
const run = (name: Command, marked: string): string => done(at(marked), command(name, at(marked)));

describe('a command', () => {
  it.each<[Command, string, string]>([
    ['bold', 'a |word| b', 'a **|word|** b'],
    ['bold', 'a **|word|** b', 'a |word| b'],
    ['bold', 'a | word | b', 'a  **|word|**  b'],
    ['bold', '|', '**|**'],
    ['italic', '**|word|**', '***|word|***'],
    ['italic', '***|word|***', '**|word|**'],
    ['bold', '***|word|***', '*|word|*'],
    ['italic', '|word|', '*|word|*'],
    ['code', 'a |b| c', 'a `|b|` c'],
    ['code', 'a `|b|` c', 'a |b| c'],
    ['code', 'x |a\nb| y', 'x \n```\n|a\nb|\n```\n y'],
    ['link', 'see |here| now', 'see [here](|https://|) now'],
    ['link', '|https://example.org|', '[|](https://example.org)'],
    ['link', '|', '[|](https://)'],
    ['list', 'one|', '- one|'],
    ['list', 'x\n|one\ntwo|\ny', 'x\n- |one\n- two|\ny'],
    ['list', 'x\n- |one\n- two|\ny', 'x\n|one\ntwo|\ny'],
    ['quote', '|one\ntwo\n|three', '> |one\n> two|\nthree'],
  ])('%s of %j is %j', (name, before, after) => {
    expect(run(name, before)).toBe(after);
  });

  it('loses nothing that was written, whatever is selected', () => {
    const names = fc.constantFrom<Command>('bold', 'italic', 'code', 'link', 'list', 'quote');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '*', '`', '-', '>'), maxLength: 30 });
    fc.assert(
      fc.property(names, text, fc.nat(30), fc.nat(30), (name, body, a, b) => {
        const [start, end] = [Math.min(a, b, body.length), Math.min(Math.max(a, b), body.length)];
        const edit = command(name, { text: body, start, end });
        const next = body.slice(0, edit.from) + edit.insert + body.slice(edit.to);
        const letters = (some: string) => some.replace(/[^ab]/g, '');
        expect(letters(next).replace(/^https/, '')).toBe(letters(body));
        expect(edit.start).toBeGreaterThanOrEqual(0);
        expect(edit.end).toBeLessThanOrEqual(next.length);
        expect(edit.start).toBeLessThanOrEqual(edit.end);
      }),
    );
  });
});

describe('Enter', () => {
  it.each([
    ['- one|', '- one\n- |'],
    ['  * one|', '  * one\n  * |'],
    ['9. nine|', '9. nine\n10. |'],
    ['> said|', '> said\n> |'],
    ['- one|two', '- one\n- |two'],
    ['- one\n- |', '- one\n|'],
    ['- [ ] one|', '- [ ] one\n- [ ] |'],
    ['- [x] done|', '- [x] done\n- [ ] |'],
    ['- [ ] one\n- [ ] |', '- [ ] one\n|'],
  ])('in %j goes on with %j', (before, after) => {
    expect(done(at(before), continueLine(at(before))!)).toBe(after);
  });

  it.each(['plain|', '-no item|', '|- one', '- |one| two'])('in %j is a line break', (marked) => {
    expect(continueLine(at(marked))).toBeNull();
  });
});

describe('pasting an address', () => {
  it('over words makes a link of them', () => {
    const here = at('see |this one| now');
    expect(done(here, pasteLink(here, ' https://example.org/a_(b) ')!)).toBe(
      'see [this one](https://example.org/a_%28b%29)| now',
    );
  });

  it.each([
    ['|', 'https://example.org'],
    ['|two\nlines|', 'https://example.org'],
    ['|https://a.example|', 'https://example.org'],
    ['|word|', 'no address'],
    ['|word|', 'javascript:alert(1)'],
    ['|word|', 'https://two words'],
  ])('over %j of %j is plain pasting', (marked, pasted) => {
    expect(pasteLink(at(marked), pasted)).toBeNull();
  });
});

it('a quote leaves room to write below it', () => {
  expect(quoted('  one\n\n two ')).toBe('> one\n>\n> two\n\n');
});
it('a quote keeps what spaces mean', () => {
  expect(quoted('- a\n  - b\n\n```\n    code\n```')).toBe('> - a\n>   - b\n>\n> ```\n>     code\n> ```\n\n');
});
