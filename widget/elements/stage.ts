// What the templates and controllers see of the discussion element, and what the second download brings to it.
// Types only, so that both downloads share the words without sharing the code.
import type { ReactiveController, ReactiveControllerHost, TemplateResult } from 'lit';
import type { Words } from '../i18n/words.js';
import type { ThreadState } from '../state/thread.js';
import type { LiveThread, Node } from '../state/types.js';
import type { Setting } from './settings.js';

/** Where the composer stands: under the list (`null`), under a reply, or in place of one that is being edited. */
export type Place = { under: string | null } | { edit: string };

/** The discussion element as its parts see it. */
export interface Stage extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
  readonly view: ThreadState;
  readonly words: Words;
  /** Unix milliseconds: the time that relative times are told from. */
  readonly now: number;
  readonly kit: Kit | null;
  /** Ids of the branches that this reader folded. */
  readonly folded: ReadonlySet<string>;
  readonly place: Place;
  setting(name: Setting): string;
  /** The page's or the owner's name for what is discussed. */
  readonly subject: string;
  fold(id: string, folded: boolean): void;
  /** Moves the composer; there is only ever one. */
  write(place: Place): void;
  /** Fetches what stands behind a "more" button. */
  more(parent: string | null): void;
  /** Loads again after `broken`. */
  reload(): void;
}

/** The second download: following live, and writing. One instance a discussion, while it is in the page. */
export interface Kit extends ReactiveController {
  readonly live: LiveThread;
  /** Beside the heading: the live status in words. */
  status(): TemplateResult;
  /** The button that arrivals wait behind; takes no height. */
  arrivals(): TemplateResult;
  /** The composer where it stands under the list or under a reply; nothing where it stands elsewhere. */
  composer(under: string | null): unknown;
  /** The handle of a branch; nothing where there is none. */
  fold(node: Node): unknown;
  /** In place of the text, where this reply is being edited. */
  editor(node: Node): unknown;
  /** The line under a reply: what its author may do, or how far it is on its way. */
  actions(node: Node): unknown;
  /** Why nothing can be shown here. */
  refusal(): unknown;
  /** Leaves for good, or until the element is put back. */
  stop(): void;
}

export type StartKit = (stage: Stage, thread: { server: string; site: string; key: string }) => Kit;
