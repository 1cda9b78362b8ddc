// docs/theming.md and the sources say the same: each property and part that is documented exists, each that exists is
// documented, and no colour stands outside the tokens. That each does something is tests/browser/widget-looks.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const files = readdirSync(join(ROOT, 'widget'), { recursive: true, encoding: 'utf8' }).map((file) => `widget/${file}`);
const sheets = files.filter((file) => file.endsWith('.css'));
/** Without the comments that are the documentation. */
const code = files.filter((file) => file.endsWith('.ts')).map((file) => read(file).replace(/^ \*.*$/gm, ''));
const doc = read('docs/theming.md');
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found!);
const unique = (names: string[]): string[] => [...new Set(names)].sort();

it('documents exactly the custom properties that there are', () => {
  const used = [...sheets.map(read), ...code].flatMap((text) => all(text, /(--afterword-[a-z-]+)/g));
  expect(unique(all(doc, /^\| `(--afterword-[a-z-]+)`/gm))).toEqual(unique(used));
});

it('documents exactly the parts that there are', () => {
  const used = code.flatMap((text) => [
    ...all(text, /part="([a-z-]+)"/g),
    ...all(text, /setAttribute\('part', '([a-z-]+)'\)/g),
    ...all(text, /part=\$\{([^}]+)\}/g).flatMap((value) => all(value, /'([a-z-]+)'/g)),
  ]);
  const [, table = ''] = /\| `::part\(\)`([^]*?)<!--/.exec(doc) ?? [];
  expect(unique(all(table, /^\| `([a-z-]+)`/gm))).toEqual(unique(used));
});

it('gives every button a part', () => {
  const bare = code.flatMap((text) =>
    // Up to the end of the tag, which is no arrow.
    all(text, /(<button\b(?:[^>]|=>)*>)/g).filter((tag) => !/\bpart=/.test(tag)),
  );
  expect(bare).toEqual([]);
});

it('names no colour outside the tokens, which stand in the rules of #root', () => {
  const literal = /#[\da-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(|: (?:white|black|gr[ae]y|red|silver)\b/i;
  const found = sheets.flatMap((file) =>
    read(file)
      .replace(/\/\*[^]*?\*\//g, '')
      .replace(/#root \{[^}]*\}/g, '')
      .split('\n')
      // A fallback within a property that an owner can set is a token where it stands.
      .filter((line) => literal.test(line.replace(/#root/g, '').replace(/var\(--afterword-.*\);$/, '')))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

it('sets no corner, no line and no size of text but by a token', () => {
  const found = sheets.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => /^\s*(?:border-radius|font-size|border[a-z-]*):/.test(line))
      // Nothing, what is round by nature, phones that zoom into small boxes, and edges that are coloured by a token.
      .filter(
        (line) =>
          !/var\(--|: (?:0|1em|inherit|50%|max\(16px, 1em\)|1px solid(?: transparent)?|none);|currentColor|Highlight/.test(
            line,
          ),
      )
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
