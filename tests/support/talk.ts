// Two guests in a thread of their own: what tests about writing begin with.
import { newId } from '../../shared/ids.js';
import type { Delta } from '../../shared/views.js';
import { startTestApp, type TestApp } from './app.js';
import { connectGuest, type TestClient } from './client.js';
import { until } from './until.js';

export class Talk {
  readonly app: TestApp;
  readonly ana: TestClient;
  readonly ben: TestClient;

  constructor(app: TestApp, ana: TestClient, ben: TestClient) {
    this.app = app;
    this.ana = ana;
    this.ben = ben;
  }

  /** A new thread that both have open. */
  async openThread(): Promise<{ key: string; thread: string }> {
    const key = newId();
    const { thread } = await this.ana.snapshot(key);
    await this.ben.join(key);
    return { key, thread: thread.id };
  }

  /** A reply of Ana's; its id. */
  async write(thread: string, body = 'Hello', parent: string | null = null): Promise<string> {
    const id = newId();
    await this.ana.must('reply:create', { thread, id, parent, body });
    return id;
  }

  /** The thread's clock as it is stored. */
  async head(thread: string): Promise<number> {
    const [row] = await this.app.database.sql<[{ head: number }]>`select head::int from threads where id = ${thread}`;
    return row.head;
  }

  /** The delta by which Ben came to this seq. */
  async deltaTo(thread: string, to: number): Promise<Delta> {
    const found = (): Delta | undefined =>
      this.ben.pushed('thread:delta').find((delta) => delta.thread === thread && delta.to === to);
    await until(found, `Ben to get the delta to ${to}`);
    return found()!;
  }
}

export async function startTalk(): Promise<Talk> {
  const app = await startTestApp();
  return new Talk(app, await connectGuest(app.url, 'Ana'), await connectGuest(app.url, 'Ben'));
}
