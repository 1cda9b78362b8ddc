// What the toolbar, the shortcuts and the Enter key do to a text in Markdown. Pure: a text and a selection in, one
// replacement out. Knows no element.

/** A text with the part of it that is selected: offsets in UTF-16 units, `start` up to and not including `end`. */
export interface Selected {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Replaces `from` to `to` with `insert`; then `start` to `end` is selected. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
  start: number;
  end: number;
}

export type Command = 'bold' | 'italic' | 'code' | 'link' | 'list' | 'quote';

/** What the command makes of this selection; a second time it takes it back. */
export function command(name: Command, at: Selected): Edit {
  switch (name) {
    case 'bold':
      return wrap(at, '**');
    case 'italic':
      return wrap(at, '*');
    case 'code':
      return at.text.slice(at.start, at.end).includes('\n') ? fence(at) : wrap(at, '`');
    case 'link':
      return link(at);
    case 'list':
      return prefix(at, '- ');
    case 'quote':
      return prefix(at, '> ');
  }
}

/** Signs around the selection, or none any more where they stand there; white space at its ends stays outside. */
function wrap({ text, start, end }: Selected, sign: string): Edit {
  const chosen = text.slice(start, end);
  const from = start + (chosen.length - chosen.trimStart().length);
  const to = Math.max(from, start + chosen.trimEnd().length);
  const n = sign.length;
  const isWrapped = runBefore(text, from, sign) && runAfter(text, to, sign);
  if (isWrapped) {
    return { from: from - n, to: to + n, insert: text.slice(from, to), start: from - n, end: to - n };
  }
  return { from, to, insert: sign + text.slice(from, to) + sign, start: from + n, end: to + n };
}

/** Whether a run of the sign ends there: one star is not found in two, but one and two are in three. */
function runBefore(text: string, at: number, sign: string): boolean {
  return isRun(text.slice(0, at).match(/[*]+$|`$/)?.[0] ?? '', sign);
}
function runAfter(text: string, at: number, sign: string): boolean {
  return isRun(text.slice(at).match(/^[*]+|^`/)?.[0] ?? '', sign);
}
function isRun(run: string, sign: string): boolean {
  return run === sign || (run === '***' && sign !== '`');
}

function fence({ text, start, end }: Selected): Edit {
  const before = start > 0 && text[start - 1] !== '\n' ? '\n' : '';
  const after = end < text.length && text[end] !== '\n' ? '\n' : '';
  const open = `${before}\`\`\`\n`;
  return {
    from: start,
    to: end,
    insert: `${open}${text.slice(start, end)}\n\`\`\`${after}`,
    start: start + open.length,
    end: end + open.length,
  };
}

/** As the address of a link: a bracket would end it. */
export function addressed(address: string): string {
  return address.replaceAll('(', '%28').replaceAll(')', '%29');
}

const ADDRESS = /^https?:\/\/\S+$/i;

/** The selection as a link's text with its address to be typed; an address that is selected becomes the address. */
function link({ text, start, end }: Selected): Edit {
  const chosen = text.slice(start, end);
  if (ADDRESS.test(chosen))
    return { from: start, to: end, insert: `[](${addressed(chosen)})`, start: start + 1, end: start + 1 };
  const at = start + chosen.length + 3;
  return chosen
    ? { from: start, to: end, insert: `[${chosen}](https://)`, start: at, end: at + 'https://'.length }
    : { from: start, to: end, insert: '[](https://)', start: start + 1, end: start + 1 };
}

/** What pasting this over the selection makes: a link, where it is an address and something else is selected. */
export function pasteLink({ text, start, end }: Selected, pasted: string): Edit | null {
  const chosen = text.slice(start, end);
  const address = pasted.trim();
  if (!chosen.trim() || /[\n[\]]/.test(chosen) || ADDRESS.test(chosen) || !ADDRESS.test(address)) return null;
  const insert = `[${chosen}](${addressed(address)})`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
}

/** The sign before each line of the selection, or before none any more where all have it. */
function prefix({ text, start, end }: Selected, sign: string): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const stop = text.indexOf('\n', end > start && text[end - 1] === '\n' ? end - 1 : end);
  const to = stop === -1 ? text.length : stop;
  const lines = text.slice(from, to).split('\n');
  const all = lines.every((line) => line.startsWith(sign));
  const insert = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join('\n');
  const moved = all ? -sign.length : sign.length;
  return {
    from,
    to,
    insert,
    start: Math.max(from, start + moved),
    end: start === end ? Math.max(from, end + moved) : from + insert.length,
  };
}

/** A list item (with a box to tick, perhaps) or a quote at the beginning of a line: its indent, its sign, what follows. */
const ITEM = /^([ \t]*)([-*+] (?:\[[ xX]\] )?|(\d{1,9})([.)]) |> ?)(.*)$/s;

/**
 * What Enter makes in a list or a quote: the next item, or its end where the item is empty. Null: a plain line break.
 */
export function continueLine({ text, start, end }: Selected): Edit | null {
  if (start !== end) return null;
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const found = ITEM.exec(text.slice(from, start));
  if (!found) return null;
  const [, indent = '', sign = '', number, dot, rest = ''] = found;
  if (!rest.trim()) return { from, to: start, insert: '', start: from, end: from };
  const insert = `\n${indent}${number ? `${Number(number) + 1}${dot} ` : sign.trimEnd().replace(/\[[xX]\]/, '[ ]') + ' '}`;
  return { from: start, to: start, insert, start: start + insert.length, end: start + insert.length };
}

/** The Markdown as a quote, with an empty line behind it to write in. */
export function quoted(text: string): string {
  // A single space before a line means nothing.
  const lines = text.trim().replace(/^ (?! )/gm, '');
  return `${lines.replace(/^/gm, '> ').replace(/ +$/gm, '')}\n\n`;
}
