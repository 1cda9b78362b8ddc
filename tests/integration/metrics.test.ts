// What /metrics says after what has happened, who can read it, and what never stands in it.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { send } from '../support/http.js';
import { scrape } from '../support/metrics.js';
import { until } from '../support/until.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ config: { metricsPort: 0, rateLimits: true, trustProxy: ['127.0.0.1'] } });
});
afterAll(() => app.end());

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

it('[PROC8] is not shown on the public port, and nowhere unless asked for', async () => {
  expect((await send(app.url, '/metrics')).status).toBe(404);
  const silent = await startTestApp({ database: app.database });
  expect(silent.metricsPort).toBeNull();
  expect((await send(silent.url, '/metrics')).status).toBe(404);
  await silent.end();
});

it('[PROC8] shows nothing but /metrics on its own port', async () => {
  const url = `http://127.0.0.1:${app.metricsPort}`;
  expect((await send(url, '/')).status).toBe(404);
  expect((await send(url, '/healthz')).status).toBe(404);
  expect((await send(url, '/metrics', { method: 'POST' })).status).toBe(405);
  const { status, headers } = await send(url, '/metrics?any=thing');
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

it('[PROC8] counts who is connected, what was asked, and what came of it', async () => {
  const before = await scrape(app);
  const ana = await connectGuest(app.url, 'Ana Unmentioned', {}, from('203.0.113.7'));
  const polling = await connectClient(app.url, {}, { ...from('203.0.113.8'), transports: ['polling'] });
  const key = `unmentioned-${newId()}`;
  const { thread } = await ana.snapshot(key);
  await polling.join(key);
  const ids = Array.from({ length: 12 }, () => newId());
  await Promise.all(ids.map((id) => ana.must('reply:create', { thread: thread.id, id, body: 'unmentioned body' })));
  await until(() => polling.pushed('thread:delta').at(-1)?.to === 12, 'the other reader to have all of it');
  await polling.refused('reply:vote', { id: ids[0], value: 1 });
  await polling.refused('no:such', {});
  await send(app.url, `/api/v1/sites/demo/thread?key=${key}`);
  await send(app.url, `/api/v1/sites/unmentioned/thread?key=${key}`);

  const { value, text } = await scrape(app);
  const grown = (series: string): number => value(series) - before.value(series);
  expect(value('afterword_connections{transport="websocket"}')).toBe(1);
  expect(value('afterword_connections{transport="polling"}')).toBe(1);
  expect(value('afterword_readers')).toBe(2);
  expect(value('afterword_threads_live')).toBe(1);
  expect(value('afterword_store_in_flight')).toBe(0);
  expect(value('afterword_requests_waiting')).toBe(0);
  expect(value('afterword_requests_under_way')).toBe(0);
  expect(value('afterword_pool_connections_max')).toBe(10);
  expect(grown('afterword_request_seconds_count{event="reply:create",outcome="ok"}')).toBe(12);
  expect(grown('afterword_request_seconds_count{event="reply:vote",outcome="sign_in_required"}')).toBe(1);
  expect(grown('afterword_request_seconds_count{event="unknown",outcome="invalid"}')).toBe(1);
  expect(grown('afterword_refusals_total{kind="write",code="sign_in_required"}')).toBe(1);
  expect(grown('afterword_refusals_total{kind="http",code="site_unknown"}')).toBe(1);
  expect(grown('afterword_http_request_seconds_count{route="/api/v1/sites/:site/thread",status="200"}')).toBe(1);
  // The first goes alone; the others came while it was written.
  expect(grown('afterword_commit_replies_sum')).toBe(12);
  expect(grown('afterword_commit_replies_count')).toBe(2);
  expect(grown('afterword_store_seconds_count{operation="createReplies",outcome="ok"}')).toBe(2);
  expect(grown('afterword_delivery_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(grown('afterword_delivery_seconds_sum')).toBeLessThan(10);
  expect(grown('afterword_push_readers_total')).toBeGreaterThanOrEqual(2);
  expect(value('afterword_build_info{version="0.0.0-test",node="' + process.versions.node + '"}')).toBe(1);
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(text).not.toMatch(/unmentioned|demo|203\.0\.113|no:such/i);
  expect(text).not.toContain(thread.id);
  for (const client of [ana, polling]) client.close();
  await until(async () => (await scrape(app)).value('afterword_readers') === 0, 'the readers to be gone');
});

it('counts those who are too fast, and those who may not connect', async () => {
  const before = await scrape(app);
  const fast = await connectClient(app.url, {}, from('203.0.113.9'));
  const { thread } = (await fast.snapshot(newId())) as { thread: { id: string } };
  await Promise.all(
    Array.from({ length: 80 }, () => fast.ask('thread:page', { thread: thread.id, parent: null, sort: 'oldest' })),
  );
  await expect(connectClient(app.url, { site: 'nobody' }, from('203.0.113.9'))).rejects.toThrow();
  const { value } = await scrape(app);
  const refused = 'afterword_refusals_total{kind="read",code="rate_limited"}';
  expect(value(refused) - before.value(refused)).toBeGreaterThanOrEqual(15);
  expect(value('afterword_refusals_total{kind="connect",code="site_unknown"}')).toBe(1);
  fast.close();
});

it('counts what nodes tell each other', async () => {
  const other = await startTestApp({ database: app.database, config: { metricsPort: 0 } });
  const key = newId();
  const reader = await connectClient(app.url, {}, from('203.0.113.10'));
  await reader.join(key);
  const writer = await connectGuest(other.url, 'Ben');
  const { thread } = await writer.snapshot(key);
  await writer.must('reply:create', { thread: thread.id, id: newId(), body: 'x' });
  await until(() => reader.pushed('thread:delta').length > 0, 'the reader on the other node to have it');
  expect((await scrape(app)).value('afterword_hints_total{what="heard"}')).toBeGreaterThanOrEqual(1);
  expect((await scrape(app)).value('afterword_pump_reads_total{outcome="ok"}')).toBeGreaterThanOrEqual(1);
  await until(
    async () => (await scrape(other)).value('afterword_hints_total{what="sent"}') >= 1,
    'the hint to be counted as sent',
  );
  for (const client of [reader, writer]) client.close();
  await other.end();
});

it('shows how many hints wait where Redis is away: of each thread the last', async () => {
  const away = await startTestApp({
    database: app.database,
    // Nothing listens there.
    config: { metricsPort: 0, redisUrl: 'redis://127.0.0.1:9' },
  });
  const waiting = async (): Promise<number> => (await scrape(away)).value('afterword_hints_waiting');
  expect(await waiting()).toBe(0);
  const ana = await connectGuest(away.url, 'Ana');
  const threads = await Promise.all([0, 1, 2].map(async () => (await ana.snapshot(newId())).thread.id));
  for (let n = 0; n < 5; n++) {
    for (const thread of threads) await ana.must('reply:create', { thread, id: newId(), body: 'x' });
  }
  await until(
    async () => (await waiting()) === 2 * threads.length,
    'to wait for each thread: one of who reads, one of what was written',
  );
  expect((await scrape(app)).value('afterword_hints_waiting')).toBe(0);
  ana.close();
  await away.end();
});

it('says in words that its port can not be had', async () => {
  await expect(startTestApp({ database: app.database, config: { metricsPort: app.metricsPort! } })).rejects.toThrow(
    /AFTERWORD_METRICS_PORT is \d+, but nothing can listen there on 127\.0\.0\.1 \(EADDRINUSE\)/,
  );
});
