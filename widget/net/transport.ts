// What the widget's parts need of a line to the server. Types only: `connection.ts` is the real one, the simulator has
// another.
import type { ErrorBody } from '../../shared/errors.js';
import type { Answer, Beat, DataOf, RequestName, RequestOf } from '../../shared/protocol.js';
import type { Delta, Me } from '../../shared/views.js';
import type { Keep } from '../state/storage.js';
import type { Clock } from '../state/clock.js';
import type { Guest } from './guest.js';

/** What is heard on a line: the server's pushes, and what becomes of the line itself. */
export interface LineEvents {
  'thread:delta': Delta;
  'thread:beat': Beat;
  'thread:stale': { thread: string; head: number };
  /** Requests can be made. Nothing of an earlier line holds: threads have to be joined again. */
  up: null;
  down: null;
  /** An attempt to get a line failed, or the browser says that there is no network; more attempts follow. */
  failed: null;
  /** The server won't have this page: no attempt follows. */
  refused: ErrorBody;
  /** This browser speaks as this guest from now on. */
  me: Me;
}

/** A line as the thread's sync needs it. */
export interface Transport {
  readonly connected: boolean;
  /** Why the server won't have this page, if so. */
  readonly refusal: ErrorBody | null;
  /** Null: no answer came, because there is no line, because it was lost, or in time. The request may have been done. */
  request<N extends RequestName>(name: N, payload: RequestOf<N>): Promise<Answer<DataOf<N>> | null>;
  on<K extends keyof LineEvents>(name: K, listener: (value: LineEvents[K]) => void): () => void;
  /**
   * Counts one more reader of this thread among the discussions of the page. The function that it gives takes the
   * reader off again, once; with the last one the server is told.
   */
  enter(thread: string): () => void;
  /** Drops the line and gets another at once. */
  restart(): void;
}

/** The line of one page to one site of one server. */
export interface Line extends Transport {
  /** When the next attempt to get a line is made, Unix time in milliseconds; long ago where none is planned. */
  readonly retryAt: number;
  /** What the server said where it took no line for now. */
  readonly trouble?: ErrorBody | undefined;
  /** Whom it speaks for; null: nobody yet. */
  readonly token: string | null;
  /** It polls, because no WebSocket gets through. */
  readonly isSlow: boolean;
  /** It speaks for this guest from now on. */
  speaksFor(token: string, me: Me): void;
  /** Wants the line; given up with the function it gives, the line is closed with the last one. */
  hold(): () => void;
  /** Tells that this reader is writing; lost where there is no line. */
  tellTyping(thread: string, parent: string | null): void;
}

/** What the discussions of a page share. */
export interface Lines {
  readonly keep: Keep;
  readonly clock: Clock;
  /** The one line to this site, the same for all who ask, and the guest who speaks on it. */
  line(server: string, site: string): { line: Line; guest: Guest };
}
