// Writes into the documents what is known elsewhere: the element's attributes, properties and parts (from
// custom-elements.json) and the weights (from dist/). With --check fails where one of them is stale.
// The table of environment variables is config-table.ts's.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { root } from './run.mjs';

const FILES = ['README.md', 'docs/theming.md'];

const { modules } = JSON.parse(readFileSync(join(root, 'custom-elements.json'), 'utf8'));
const element = modules
  .flatMap(({ declarations }) => declarations)
  .find(({ tagName }) => tagName === 'afterword-discussion');

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n');
const named = (entries) => entries.map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`);

/** Only closed lists of values are worth showing as a type. */
const valuesOf = ({ type }) => (type.text.includes("'") ? cell(type.text.replaceAll("'", '`')) : '');
const attributes = element.attributes.map(
  (attribute) => `| \`${attribute.name}\` | ${valuesOf(attribute)} | ${cell(attribute.description)} |`,
);

const widget = join(root, 'dist', 'widget');
/** Rounded up to a hundred: compressors of different Node versions differ by a few bytes. */
const rounded = (n) => (Math.ceil(n / 100) * 100).toLocaleString('en');
const weigh = (name) => brotliCompressSync(readFileSync(join(widget, name))).length;
const files = (...patterns) => readdirSync(widget).filter((name) => patterns.some((pattern) => pattern.test(name)));
const bytes = (...patterns) => rounded(files(...patterns).reduce((total, name) => total + weigh(name), 0));
const largest = rounded(Math.max(...files(/^[a-z]{2}(-han[st])?-[^.]*\.js$/).map(weigh)));
const [loader, reader, live] = [/^afterword\.js$/, /^reader\.js$/, /^live-[^.]*\.js$/];

const parts = {
  attributes: table(['Attribute', 'Values', 'What it is'], attributes),
  theming: [
    table(['Custom property', 'What it is'], named(element.cssProperties)),
    table(['`::part()`', 'What it is'], named(element.cssParts)),
  ].join('\n\n'),
  weight: table(
    ['What', 'Bytes, at most'],
    [
      `| The script tag | ${bytes(loader)} |`,
      `| All that must arrive before replies can be read, styles included | ${bytes(loader, reader)} |`,
      `| Everything, with following live and writing | ${bytes(loader, reader, live)} |`,
      `| Besides: votes, reactions, undoing, at the first sign of a reader | ${bytes(/^acting-[^.]*\.js$/)} |`,
      `| Besides: help with writing, when the composer is touched | ${bytes(/^writing-[^.]*\.js$/)} |`,
      `| Besides: emoji by name, when one is typed | ${bytes(/^emoji-[^.]*\.js$/)} |`,
      `| Besides: permalinks, what is new, streams, quotes, reports, on use | ${bytes(/^tools-[^.]*\.js$/)} |`,
      `| Besides: the reading settings and the list of keys, when they are opened | ${bytes(/^sheets-[^.]*\.js$/)} |`,
      `| Besides: a look other than the plain one | ${bytes(/^looks-[^.]*\.js$/)} |`,
      `| Besides: what was in sight, after a long gap or where more is read | ${bytes(/^reach-[^.]*\.js$/)} |`,
      `| Besides: one line for several tabs, in the second one | ${bytes(/^sharing-[^.]*\.js$/)} |`,
      `| Besides: polling, where WebSockets are refused | ${bytes(/^polling-[^.]*\.js$/)} |`,
      `| Besides: another language than English (the largest) | ${largest} |`,
    ],
  ),
};

for (const name of FILES) {
  const file = join(root, name);
  const before = readFileSync(file, 'utf8');
  const after = Object.entries(parts).reduce(
    (text, [part, content]) =>
      text.replace(
        new RegExp(`(<!-- ${part} -->\\n)[^]*?(<!-- /${part} -->)`),
        (_whole, from, to) => `${from}${content}\n${to}`,
      ),
    before,
  );
  if (!process.argv.includes('--check')) writeFileSync(file, after);
  else if (after !== before) {
    process.stderr.write(`${name} is stale. Run: npm run docs\n`);
    process.exitCode = 1;
  }
}
