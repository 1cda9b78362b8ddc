// Sees to it that what is written is written as this browser's guest. Owns when the server is asked for a token; what is
// kept of it is `state/identity.ts`.
import type { ErrorBody } from '../../shared/errors.js';
import type { Answer } from '../../shared/protocol.js';
import type { You } from '../../shared/views.js';
import type { Identity } from '../state/identity.js';
import type { Line } from './transport.js';

const SPEAKS: Answer<unknown> = { ok: true, data: null };
const NAMELESS: ErrorBody = { code: 'sign_in_required', message: '', retry: 'never' };

export class Guest {
  readonly #line: Line;
  readonly #identity: Identity;
  #asking: Promise<Answer<unknown> | null> | null = null;

  constructor(line: Line, identity: Identity) {
    this.#line = line;
    this.#identity = identity;
  }

  get name(): string {
    return this.#identity.read().name;
  }

  setName(name: string): void {
    this.#identity.change({ name: name.trim() });
  }

  /** The token is no good: the next `speak` gets another. */
  forget(): void {
    this.#identity.drop(this.#line.token);
  }

  /** A join may bring a token in the place of one that will not be believed much longer. */
  renew({ token, me }: You): void {
    if (!token) return;
    this.#identity.change({ token });
    this.#line.speaksFor(token, me!);
  }

  /**
   * Before each write. `ok`: the line speaks for this browser under the name that was given. Null: not yet, send again
   * when the line is back. One flight for all who ask at once.
   */
  speak(): Promise<Answer<unknown> | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<Answer<unknown> | null> {
    const { name, token, told } = this.#identity.read();
    if (token !== null && token !== this.#line.token) {
      // Another tab of this browser got it. Only a handshake takes a token; a new guest would not own the old replies.
      this.#line.restart();
      return null;
    }
    if (token !== null && (name === told || !name)) return SPEAKS;
    if (!name) return { ok: false, error: NAMELESS };
    const answer = await this.#line.request('me:guest', { name });
    if (answer?.ok) {
      this.#identity.change({ token: answer.data.token, told: name });
      this.#line.speaksFor(answer.data.token, answer.data.me);
    }
    return answer;
  }
}
