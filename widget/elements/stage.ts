// What the templates and controllers see of the discussion element, and what the second download brings to it.
// Types only, so that both downloads share the words without sharing the code.
import type { LitElement } from 'lit';
import type { Catalogue } from '../i18n/catalogue.js';
import type { Words } from '../i18n/words.js';
import type { Prefs } from '../state/prefs.js';
import type { Change, ThreadState } from '../state/thread.js';
import type { ErrorBody } from '../../shared/errors.js';
import type { Reply } from '../../shared/views.js';
import type { LiveThread, Node, OutboxEntry } from '../state/types.js';
import type { Pop } from './acting/pop.js';
import type { Setting } from './settings.js';

/** Where the composer stands: at the list (`under: null`), under a reply (`quote`: with this part of it), or in place of one that is being edited. */
export type Place = { under: string | null; focus?: boolean; quote?: DocumentFragment | undefined } | { edit: string };

/** The discussion element as its parts see it. */
export interface Stage extends LitElement {
  readonly view: ThreadState;
  words: Words;
  /** The second download, once it is there. */
  readonly kits: Kits | null;
  readonly kit: Kit | null;
  /** What helps with writing, once it is there: it tells so itself. */
  written?: WritingHelp;
  /** Ids of the branches that this reader folded. */
  readonly folded: Set<string>;
  readonly place: Place;
  /** The page's or the owner's name for what is discussed. */
  readonly subject: string;
  setting(name: Setting): string;
  /** Moves the composer; there is only ever one. */
  write(place: Place): void;
  /** The page may ask for another thread now. */
  pageChanged(): void;
  /** Loads again, as after `broken`. */
  open(): void;
}

/** The second download: following live, and writing. One for each thread that is shown. */
export interface Kit {
  /** What this reader chose on this device. */
  readonly prefs: Prefs;
  /** Beside the heading: the live status in words. */
  status(): unknown;
  /** The button that arrivals wait behind; takes no height. */
  arrivals(): unknown;
  /** The composer where it stands at the list or under a reply; else what leads back to it. */
  composer(under: string | null): unknown;
  /** When exactly, in words. */
  moment(time: number): string;
  /** Above the list: the way back from a branch that is shown alone. */
  top(): unknown;
  /** In place of the answers, where the indentation ends; null: they are shown. */
  beyond(node: Node): unknown;
  /** Beside the time: that it is new, and whom it answers. */
  answered(reply: Reply): unknown;
  /** The handle of a branch; nothing where there is none. */
  fold(node: Node): unknown;
  /** In place of the text, where this reply is being edited. */
  editor(node: Node): unknown;
  /** The line under a reply: what its author may do, or how far it is on its way. */
  actions(node: Node): unknown;
  /** Shows, marks and focuses the reply that the address names, wherever it is. */
  arrive(): void;
  /** What marks a reply as edited. */
  edited(reply: Reply): unknown;
  /** The third download; undefined where it can't be had. */
  tools(): Promise<Tooling | undefined>;
  /** Fetches what stands behind a "more" button. */
  more(parent: string | null): Promise<void>;
  /** What that button says meanwhile, and where it failed; by the list's parent. */
  readonly paging: ReadonlyMap<string | null, 'moreLoading' | 'moreFailed' | undefined>;
  /** Something of the view changed. Whether that is drawn in a moment, together with what else comes. */
  delays(change: Change): unknown;
  /** Has the next drawing draw every reply. */
  renew(): void;
  /** Whether what stands there, if anything does, shows this reply and what is below it. */
  isDrawn(node: Node, drawn?: Node): boolean;
  /** Counts arrivals. Whether so many come that nobody reads them one by one (PAGE14). */
  isStream(arrived: number): boolean;
  /** Whether the discussion is near what is in sight. */
  near(isNear: boolean): void;
  /** What helps with writing; undefined where it can't be had. */
  writing(): Promise<WritingHelp | undefined>;
  stop(): void;
}

/** What other downloads ask of the third one. */
export interface Tooling {
  readonly visits: { begin(): Promise<void> };
  /** Shows, marks and focuses this reply, wherever it is; false where there is none. */
  readonly places: { goTo(id: string): Promise<boolean> };
  /** What was selected last, where that was in this reply. */
  readonly quoting: { selectedIn(id: string): DocumentFragment | undefined };
  /** The earlier texts of a reply, in a box beside this button. */
  history(reply: Reply, pop: Pop, button: HTMLElement): Promise<void>;
  /** Asks what is wrong with a reply, in a box beside this button. */
  report(reply: Reply, pop: Pop, button: HTMLElement, told: (text: string) => void): void;
}

export interface WritingHelp {
  /** Why the whole discussion can't be shown, in words for the site's owner. */
  refusal(error: ErrorBody): string;
  assist(desk: Desk): Assist;
  /** `say` tells those who don't see the page. */
  unfinished(live: LiveThread, say: (text: string) => void): Unfinished;
}

/** What a reader has written and not brought to its end. */
export interface Unfinished {
  /** How far a reply is on its way, and what its author can do about it. */
  way(entry: OutboxEntry): unknown;
  /** At a reply where a text waits: the way back to it. */
  mark(reply: Reply): unknown;
  /** All together in one line; undefined where there is nothing to say. */
  summary(): unknown;
  /** Something was kept, or let go. */
  changed(): void;
}

/** One form as its helps see it. */
export interface Desk {
  readonly stage: Stage;
  readonly live: LiveThread;
  readonly place: Place;
  readonly form: HTMLElement;
  readonly box: HTMLTextAreaElement;
  readonly updateComplete: Promise<unknown>;
  /** What was selected on the page when the form was opened. */
  readonly selected: string;
  /** The reply whose name had been refused when the form was opened. */
  readonly refused: string | undefined;
  body: string;
  isBusy: boolean;
  /** Tells those who don't see the page. */
  say: (text: string) => void;
  requestUpdate(): void;
  /** Closes the form and goes on at this reply. */
  done(id: string): void;
}

/** What helps with writing in one form: comes when it is first touched. */
export interface Assist {
  /** Whether the text may be written in already. */
  readonly isReady: boolean;
  /** The id of what is chosen in the list of completions. */
  readonly active: string | null;
  bar(): unknown;
  /** On the edge of the text box. Takes no height. */
  above(): unknown;
  /** In place of the text box; null: the text box. */
  shown(): unknown;
  list(): unknown;
  below(): unknown;
  typed(): void;
  /** What the button that sends says, where it does something else. */
  verb(): string | undefined;
  /** Whether the key was for it. */
  key(event: KeyboardEvent): boolean;
  /** What is wrong with each box, in words. */
  wrong(): { textarea: string; input: string };
  naming(): void;
  rename(name: string): void;
  /** After each render of the discussion. */
  followUp(): void;
  /** To this reply, moving the page only where it is out of sight. */
  goTo(id: string): void;
  /** Sends what stands there, or says what it lacks. */
  submit(): void;
}

/** What the second download's module makes, once for a page. */
export interface Kits {
  /** What English the downloads so far have brought. */
  words: Partial<Catalogue>;
  /** The same as soon as the words are there; until then that it can't. */
  refusal(stage: Stage, error: ErrorBody): string;
  start(stage: Stage, key: string): Kit;
}
