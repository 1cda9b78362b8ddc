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
const bytes = (...patterns) => {
  const sum = readdirSync(widget)
    .filter((name) => patterns.some((pattern) => pattern.test(name)))
    .reduce((total, name) => total + brotliCompressSync(readFileSync(join(widget, name))).length, 0);
  return (Math.ceil(sum / 100) * 100).toLocaleString('en');
};
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
      `| Besides: votes, reactions, undoing, reports, at the first sign of a reader | ${bytes(/^acting-[^.]*\.js$/)} |`,
      `| Besides: help with writing, when the composer is touched | ${bytes(/^writing-[^.]*\.js$/)} |`,
      `| Besides: menus, help and permalinks, on use | ${bytes(/^tools-[^.]*\.js$/)} |`,
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
