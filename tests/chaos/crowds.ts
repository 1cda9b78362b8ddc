// Who asks too much of a server at once: guests who want previews on a schedule that waits for nobody, newcomers who want a
// line, and writers. All of them do as they are told: refused with a time, they come again after it.
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import type { Answer } from '../../shared/protocol.js';
import type { Snapshot } from '../../shared/views.js';
import { connectClient, type TestClient } from '../support/client.js';

/** Markdown that takes some milliseconds to render: the processor is what runs out, as with many small replies. */
const HEAVY = '*a [b](https://example.com/c) `d` **e***\n\n'.repeat(100);

/** Null: unanswered within the client's time. */
const ask = (client: TestClient, event: string, payload: unknown): Promise<Answer<unknown> | null> =>
  client.ask(event, payload).catch(() => null);

export interface Share {
  accepted: number;
  refusals: ErrorBody[];
}

/** How long it is asked to wait. */
export function pauseOf(refusal: ErrorBody): number {
  expect(refusal).toMatchObject({ code: 'overloaded', retry: 'later' });
  return refusal.retryAfterMs!;
}

export class Previewers {
  /** In the order of the guests. */
  readonly shares: readonly Share[];
  unanswered = 0;
  readonly #guests: readonly TestClient[];
  readonly #thread: string;

  constructor(guests: readonly TestClient[], thread: string) {
    this.#guests = guests;
    this.#thread = thread;
    this.shares = guests.map(() => ({ accepted: 0, refusals: [] }));
  }

  get accepted(): number {
    return this.shares.reduce((sum, share) => sum + share.accepted, 0);
  }

  get refusals(): ErrorBody[] {
    return this.shares.flatMap(({ refusals }) => refusals);
  }

  /** Answered a second, with two always under way for each guest. */
  async capacity(ms: number): Promise<number> {
    const end = performance.now() + ms;
    let answered = 0;
    const lane = async (guest: TestClient): Promise<void> => {
      while (performance.now() < end) {
        await this.#ask(guest);
        answered += 1;
      }
    };
    await Promise.all([...this.#guests, ...this.#guests].map(lane));
    return answered / (ms / 1_000);
  }

  /** On a schedule that waits for nobody, until it is over; resolves when all are answered. */
  async overload(perSecond: number, isOver: () => boolean): Promise<void> {
    const asked: Promise<void>[] = [];
    const begun = performance.now();
    const due = (): number => Math.floor(((performance.now() - begun) / 1_000) * perSecond);
    while (!isOver()) {
      while (asked.length < due()) {
        const n = asked.length % this.#guests.length;
        asked.push(this.#ask(this.#guests[n]!).then((answer) => this.#note(this.shares[n]!, answer)));
      }
      await pause(5);
    }
    await Promise.all(asked);
  }

  #ask(guest: TestClient): Promise<Answer<unknown> | null> {
    return ask(guest, 'reply:preview', { thread: this.#thread, body: HEAVY });
  }

  #note(share: Share, answer: Answer<unknown> | null): void {
    if (!answer) this.unanswered += 1;
    else if (answer.ok) share.accepted += 1;
    else share.refusals.push(answer.error);
  }
}

export class Newcomer {
  /** Of the line, and of the join over it. */
  readonly refusals: ErrorBody[] = [];
  /** What was read over HTTP after each refusal: its status, and how many replies. */
  readonly read: { status: number; replies: number }[] = [];
  unanswered = 0;
  /** Where it has joined. */
  client: TestClient | null = null;

  /** Wants to follow a thread until it does, and reads meanwhile. */
  async arrive(url: string, key: string): Promise<void> {
    let client: TestClient | null = null;
    while (!this.client) {
      const refusal = client
        ? await this.#join(client, key)
        : await connectClient(url).then(
            (line) => void (client = line),
            ({ data }: { data?: ErrorBody }) => data ?? null,
          );
      if (refusal) await Promise.all([this.#read(url, key), this.#wait(refusal)]);
      else if (refusal === null) this.unanswered += 1;
    }
  }

  async #join(client: TestClient, key: string): Promise<ErrorBody | null | undefined> {
    const answer = await ask(client, 'thread:join', { key });
    if (!answer?.ok) return answer && answer.error;
    this.client = client;
    return undefined;
  }

  async #wait(refusal: ErrorBody): Promise<void> {
    this.refusals.push(refusal);
    await pause(pauseOf(refusal));
  }

  async #read(url: string, key: string): Promise<void> {
    const page = await fetch(`${url}/api/v1/sites/demo/thread?key=${key}`);
    const { replies } = (await page.json()) as Partial<Snapshot>;
    this.read.push({ status: page.status, replies: replies?.length ?? 0 });
  }
}

/** Replies under way at once: as many as a widget sends (CUR5). */
const LANES = 4;

export class Writer implements Share {
  accepted = 0;
  readonly refusals: ErrorBody[] = [];
  /** The replies that it has begun, each sent until it was acknowledged. */
  readonly sent: { thread: string; id: string; body: string }[] = [];
  unanswered = 0;
  readonly #guest: TestClient;

  constructor(guest: TestClient) {
    this.#guest = guest;
  }

  /** One reply after the other until it is over; resolves when all that was begun is acknowledged. */
  async write(thread: string, isOver: () => boolean): Promise<void> {
    const lane = async (): Promise<void> => {
      while (!isOver()) {
        const id = newId();
        const reply = { thread, id, body: `This is ${id}.` };
        this.sent.push(reply);
        while (!(await this.#send(reply)));
        this.accepted += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Once more, as one whose answers were lost (REQ1). */
  async repeat(): Promise<void> {
    for (const reply of this.sent) await this.#guest.must('reply:create', reply);
  }

  async #send(reply: Writer['sent'][number]): Promise<boolean> {
    const answer = await ask(this.#guest, 'reply:create', reply);
    if (answer?.ok) return true;
    if (!answer) this.unanswered += 1;
    else {
      this.refusals.push(answer.error);
      await pause(pauseOf(answer.error));
    }
    return false;
  }
}
