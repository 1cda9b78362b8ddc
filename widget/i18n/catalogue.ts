// The shape of a language: which messages there are. Owns no text and no look-up.
import type { ACTING } from './en-acting.js';
import type { READING } from './en.js';
import type { COMPOSING } from './en-composing.js';
import type { SHEETS } from './en-sheets.js';
import type { TOOLS } from './en-tools.js';
import type { WRITING } from './en-writing.js';

/** `0` is said instead of the plural form for nothing where a language has its own words for it. */
export type Plural = { other: string; '0'?: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Message = string | Plural;

/** What is needed to read; English in the first download. */
export type ReadingKey = keyof typeof READING;
/** What is needed to write and to follow live; English in the second download. */
export type WritingKey = keyof typeof WRITING;
/** What is loaded on use; English comes with the tools. */
export type ToolKey = keyof typeof TOOLS;
/** Likewise, when a dialog is opened. */
export type SheetKey = keyof typeof SHEETS;
/** Likewise, when the composer is first touched or something fails. */
export type ComposingKey = keyof typeof COMPOSING;
/** What is done with replies that stand; English comes with the acts. */
export type ActingKey = keyof typeof ACTING;
export type MessageKey = ReadingKey | WritingKey | ToolKey | SheetKey | ComposingKey | ActingKey;

export type Catalogue = Record<MessageKey, Message>;
/** A language as it is shipped: one file, loaded when a page asks for it. A test fails on what is missing; it is said in English. */
export type Translation = Partial<Catalogue>;
