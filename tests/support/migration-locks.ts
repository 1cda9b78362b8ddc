// Tells which statements of a migration hold a table's lock for as long as its rows take, however many there are
// (docs/decisions/0022). Owns knowing that from the text; it errs on the side of naming too much.
import { stepOf } from '../../server/database/online-steps.js';

/** Rows that an owner writes by hand: whatever is done to all of them is done at once. */
const SMALL = ['settings', 'sites'];
/** Functions that give one value for the whole statement, so that a column with such a default rewrites nothing. */
const STABLE = ['now', 'transaction_timestamp', 'statement_timestamp'];

export interface MigrationText {
  statements: readonly string[];
  online: boolean;
}

/** In words, one for each thing that has to be done in another way; none where all is quick. */
export function longLocks({ statements, online }: MigrationText): string[] {
  const texts = statements.map((text) => ({ text, parts: partsOf(text) }));
  const made = texts.flatMap(({ parts }) =>
    parts.flatMap((part) => /^create (?:unlogged )?table (?:if not exists )?([\w.]+)/.exec(part)?.[1] ?? []),
  );
  const isFree = (table: string): boolean => made.includes(table) || SMALL.includes(table);
  return texts.flatMap(({ text, parts }) => {
    const found = parts.flatMap((part) => longLocksOf(part, isFree, online && stepOf(text).kind === 'fill'));
    const isApart = parts.some((part) => /^\w+ (?:unique )?index concurrently /.test(part));
    if (isApart && !online) found.push('an index is changed concurrently, but the first line is not -- online');
    else if (isApart && stepOf(text).kind !== 'index') found.push('a comment or another statement stands before it');
    // Whatever the transaction locked before, it would hold through the scan.
    if (!online && parts.some((part) => / validate constraint /.test(part)))
      found.push('a constraint is validated in one transaction with others');
    return found;
  });
}

/** The statements in a text, without comments and what stands in quotation marks, names bare, all in small letters. */
function partsOf(text: string): string[] {
  return text
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll('"', '')
    .toLowerCase()
    .replaceAll(/\bpublic\./g, '')
    .split(';')
    .map((part) => part.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean);
}

function longLocksOf(part: string, isFree: (table: string) => boolean, inBatches: boolean): string[] {
  const index = /^create (?:unique )?index (concurrently )?.*? on (?:only )?([\w.]+)/.exec(part);
  if (index)
    return index[1] || isFree(index[2]!) ? [] : [`an index is built on ${index[2]}, which takes no writes meanwhile`];
  const rows = /^(?:update (?:only )?|delete from (?:only )?|merge into )([\w.]+)/.exec(part)?.[1];
  if (rows) return inBatches || isFree(rows) ? [] : [`rows of ${rows} are changed in one transaction`];
  if (/^(?:do|call|cluster|vacuum|lock|select|with)\b/.test(part)) return [`nobody can tell what it locks: ${part}`];
  if (/^reindex (?!.*\bconcurrently\b)|^refresh /.test(part)) return [`everything is built anew: ${part}`];
  const [, table = '', actions = ''] = /^alter table (?:if exists )?(?:only )?([\w.]+) (.*)/.exec(part) ?? [];
  if (!table || isFree(table)) return [];
  return topLevel(actions).flatMap((action) => {
    const why = whyLong(action);
    return why ? [`${table} ${why}: ${action}`] : [];
  });
}

function whyLong(action: string): string | null {
  if (/^alter (?:column )?\w+ (?:set data )?type /.test(action)) return 'is written anew';
  if (/^alter (?:column )?\w+ set not null/.test(action)) return 'is read through under a lock';
  if (/^(?:set (?:un)?logged|set tablespace|set access method|set without)/.test(action)) return 'is written anew';
  const isConstraint = /^add (?:constraint \w+ )?(?:check|foreign key|unique|primary key|exclude)\b/.test(action);
  if (isConstraint) {
    if (action.endsWith(' not valid') || / using index \w+/.test(action)) return null;
    return 'is read through under a lock, without NOT VALID';
  }
  if (!/^add (?:column )?/.test(action)) return null;
  if (/\b(?:unique|primary key|check ?\()/.test(action)) return 'is read through under a lock';
  if (/\bgenerated (?:always|by default) as\b|\b(?:small|big)?serial\b/.test(action)) return 'is written anew';
  if (!/\bdefault\b/.test(action)) return null;
  if (/\breferences\b/.test(action)) return 'is read through under a lock';
  const called = [...action.matchAll(/\b(\w+) ?\(/g)].map(([, name]) => name!);
  // `numeric(10, 2)`, `varchar(40)`: a number in brackets is the size of a type.
  const isSize = (name: string): boolean => new RegExp(`\\b${name} ?\\([\\d, ]+\\)`).test(action);
  return called.every((name) => STABLE.includes(name) || isSize(name)) ? null : 'is written anew, a value for each row';
}

/** Split at the commas that stand in no brackets. */
function topLevel(actions: string): string[] {
  let depth = 0;
  let last = 0;
  const found: string[] = [];
  for (let at = 0; at < actions.length; at++) {
    const letter = actions[at]!;
    if (letter === '(' || letter === '[') depth++;
    else if (letter === ')' || letter === ']') depth--;
    else if (letter === ',' && depth === 0) {
      found.push(actions.slice(last, at).trim());
      last = at + 1;
    }
  }
  return [...found, actions.slice(last).trim()];
}
