// Whether this tab has the browser's line to a site, or shares the one of another tab (CUR7). Owns the lead of a tab that is
// alone, which costs it nothing; all else is `sharing.ts`, loaded where there are two. Never delays the first attempt.
import { part } from '../part.js';
import type { Identity } from '../state/identity.js';
import type { Clock } from '../state/clock.js';
import type { Line } from './transport.js';
import type { Wire, WireEvents } from './wire.js';

/** A line that can be spoken over another tab. */
export interface SharedLine extends Line {
  readonly options: { readonly identity: Identity; readonly clock: Clock };
  /** Speaks over this wire from now on; without one over its own. */
  use(make?: (events: WireEvents) => Wire): void;
  /** Ends the attempt, or the line; another way is on its way. */
  drop(): void;
}

/** As `BroadcastChannel`, as far as it is used. */
export interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What is used of a browser's tab: its global object, or in tests a made one. Pages on plain HTTP have no locks. */
export interface Tab {
  readonly navigator?: { readonly locks?: Pick<LockManager, 'request'> };
  readonly BroadcastChannel: new (name: string) => Channel;
  readonly document: { readonly visibilityState: string };
}

/** Tabs that give the same name share. The function that it gives takes this tab out. */
export function share(name: string, line: SharedLine, tab: Tab = globalThis as never): () => void {
  const over = new AbortController();
  const { signal } = over;
  // Another tab has the lead, or came and took it; or the browser forbids all of it.
  const another = (): void => {
    if (signal.aborted) return;
    line.drop();
    part(() => import('./sharing.js'))
      .then(({ Sharing }) => new Sharing({ name, line, tab, signal }))
      .catch(() => line.restart());
  };
  tab.navigator?.locks
    ?.request(
      name,
      { ifAvailable: true },
      (lock) => lock && !signal.aborted && new Promise((release) => (signal.onabort = release)),
    )
    .then(another, another);
  return () => over.abort();
}
