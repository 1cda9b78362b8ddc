// Floods, with the limits on: who is too fast is told when to come again, and others are not hindered.
import { setTimeout as pause } from 'node:timers/promises';

import { connect as dial } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import type { Answer } from '../../shared/protocol.js';
import { clientFrame } from '../bench/wire/frames.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest, type TestClient } from '../support/client.js';
import { makeLargeThread } from '../support/large-thread.js';
import { until } from '../support/until.js';
import { openWire } from '../support/wire.js';

let app: TestApp;
beforeAll(async () => {
  // Behind a proxy, so that each test can come from addresses of its own.
  app = await startTestApp({ config: { rateLimits: true, trustProxy: ['127.0.0.1'] } });
});
afterAll(() => app.end());

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

function limited(answers: readonly Answer<unknown>[]): ErrorBody[] {
  return answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
}

/** Repeats after exactly the time that it is told. */
async function afterItsTime<T>(ask: () => Promise<Answer<T>>, refused: ErrorBody): Promise<Answer<T>> {
  const due = performance.now() + refused.retryAfterMs!;
  await until(() => performance.now() >= due, 'the time that was told', { withinMs: refused.retryAfterMs! + 1_000 });
  return await ask();
}

it('one author who writes without a pause is slowed down, and comes through after the time told', async () => {
  const ana = await connectGuest(app.url, 'Ana', {}, from('192.0.2.1'));
  const { thread } = await ana.snapshot(newId());
  const answers = await Promise.all(
    // So many that what flows back meanwhile (one in two seconds) can't make up for them, however slow the machine is.
    Array.from({ length: 60 }, () => ana.ask('reply:create', { thread: thread.id, id: newId(), body: 'x' })),
  );
  const refused = limited(answers);
  expect(refused.length).toBeGreaterThanOrEqual(30);
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'rate_limited', retry: 'later' });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
  }
  const request = { thread: thread.id, id: newId(), body: 'patient' };
  const shortest = refused.toSorted((a, b) => a.retryAfterMs! - b.retryAfterMs!)[0]!;
  expect(await afterItsTime(() => ana.ask('reply:create', request), shortest)).toMatchObject({ ok: true });
  ana.close();
});

it('the author is limited on every line, and nobody else', async () => {
  const ana = await connectGuest(app.url, 'Ana', {}, from('192.0.2.2'));
  const { token } = await ana.must('me:guest', { name: 'Ana' });
  const { thread } = await ana.snapshot(newId());
  const create = (line: TestClient) => line.ask('reply:create', { thread: thread.id, id: newId(), body: 'x' });
  await Promise.all(Array.from({ length: 20 }, () => create(ana)));
  const elsewhere = await connectClient(app.url, { token }, from('192.0.2.3'));
  const refused = limited(await Promise.all(Array.from({ length: 10 }, () => create(elsewhere))));
  expect(refused.length).toBeGreaterThan(5);
  for (const error of refused) expect(error.code).toBe('rate_limited');
  const ben = await connectGuest(app.url, 'Ben', {}, from('192.0.2.2'));
  expect(await create(ben)).toMatchObject({ ok: true });
  [ana, elsewhere, ben].forEach((client) => client.close());
});

it('an author who floods does not use up what others at the same address have', async () => {
  const ana = await connectGuest(app.url, 'Ana', {}, from('192.0.2.10'));
  const ben = await connectGuest(app.url, 'Ben', {}, from('192.0.2.10'));
  const { thread } = await ben.snapshot(newId());
  const create = (line: TestClient) => line.ask('reply:create', { thread: thread.id, id: newId(), body: 'x' });
  const flood = await Promise.all(Array.from({ length: 500 }, () => create(ana)));
  expect(limited(flood).length).toBeGreaterThan(400);
  expect(await create(ben)).toMatchObject({ ok: true });
  [ana, ben].forEach((client) => client.close());
});

it('one line that sends anything without a pause is slowed down, the unknown included', async () => {
  const client = await connectClient(app.url, {}, from('192.0.2.4'));
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, n) => client.ask(n % 2 === 0 ? 'nothing' : 'thread:leave', { thread: newId() })),
  );
  const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
  expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThanOrEqual(100);
  expect(codes.slice(0, 60)).not.toContain('rate_limited');
  const refused = limited(answers).find(({ code }) => code === 'rate_limited')!;
  const again = await afterItsTime(() => client.ask('thread:leave', { thread: newId() }), refused);
  expect(again).toMatchObject({ ok: true });
  client.close();
});

it('an address that connects without a pause is refused with the time, another one is not', async () => {
  const wires = await Promise.all(
    // So many that what flows back meanwhile (30 a second) can't make up for them, however slow the machine is.
    Array.from({ length: 700 }, () => openWire(app.url, undefined, { 'x-forwarded-for': '192.0.2.5' })),
  );
  await until(() => wires.every((wire) => wire.frames.some((frame) => /^4[04]/.test(frame))), 'all to be answered');
  const refusals = wires.flatMap((wire) => wire.frames.filter((frame) => frame.startsWith('44')));
  expect(refusals.length).toBeGreaterThan(0);
  for (const frame of refusals) {
    const { data } = JSON.parse(frame.slice(2)) as { data: ErrorBody };
    expect(data).toMatchObject({ code: 'rate_limited', retry: 'later' });
    expect(data.retryAfterMs).toBeGreaterThan(0);
  }
  (await connectClient(app.url, {}, from('192.0.2.6'))).close();
  wires.forEach((wire) => wire.close());
});

it('HTTP is limited by address, as problem details with Retry-After', async () => {
  const ask = (address: string) => fetch(`${app.url}/api/v1/sites/demo/thread?key=x`, from(address));
  // So many that what flows back meanwhile (50 a second) can't make up for them, however slow the machine is.
  const responses = await Promise.all(Array.from({ length: 1_500 }, () => ask('192.0.2.7')));
  const refused = responses.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const response of refused) {
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'rate_limited', status: 429 });
  }
  expect((await ask('192.0.2.8')).status).toBe(200);
});

it('[REQ10] an address that creates one discussion after the other is slowed down; what is there it joins, and the rest it reads', async () => {
  const lines = await Promise.all(Array.from({ length: 4 }, () => connectClient(app.url, {}, from('192.0.2.20'))));
  const elsewhere = await connectClient(app.url, {}, from('192.0.2.21'));
  const there = newId();
  await elsewhere.join(there);
  const made = Array.from({ length: 200 }, () => newId());
  const keys = Array.from({ length: 40 }, () => newId());
  const join = async (key: string, n: number) => ({ key, answer: await lines[n % 4]!.ask('thread:join', { key }) });
  expect((await Promise.all(made.map(join))).every(({ answer }) => answer.ok)).toBe(true);
  // As many joins, of which twenty a second flow back, are to be had again, and those that come at the end.
  await pause(3_000);
  const refused = (await Promise.all(keys.map(join))).flatMap(({ key, answer }) =>
    answer.ok ? [] : [{ key, error: answer.error }],
  );
  // One a second flows back meanwhile.
  expect(refused.length).toBeGreaterThan(20);
  for (const { key, error } of refused) {
    expect(error).toMatchObject({ code: 'rate_limited', retry: 'later' });
    expect(error.retryAfterMs).toBeLessThanOrEqual(1_000);
    expect(await app.store.findThread('demo', key)).toBeNull();
  }
  expect(await lines[0]!.ask('thread:join', { key: there })).toMatchObject({ ok: true });
  const { key, error } = refused[0]!;
  const page = await fetch(`${app.url}/api/v1/sites/demo/thread?key=${key}`, from('192.0.2.20'));
  expect([page.status, ((await page.json()) as { replies: unknown[] }).replies]).toEqual([200, []]);
  expect(await elsewhere.ask('thread:join', { key: refused[1]!.key })).toMatchObject({ ok: true });
  expect(await afterItsTime(() => lines[0]!.ask('thread:join', { key }), error)).toMatchObject({ ok: true });
  [...lines, elsewhere].forEach((client) => client.close());
}, 30_000);

it('[HTTP5] who has many first pages made as HTML is slowed down by what they cost; what is kept costs nothing', async () => {
  const { id: key } = await makeLargeThread(app.database.sql, { total: 3_000, roots: 300 });
  const ask = (title: string, address: string, more: Record<string, string> = {}) =>
    fetch(`${app.url}/api/v1/sites/demo/thread.html?key=${key}&limit=50&title=${title}`, {
      headers: { ...from(address).headers, ...more },
    });
  const kept = await ask('kept', '192.0.2.30');
  expect(kept.status).toBe(200);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(`T${n}`, '192.0.2.30')));
  const refused = answers.filter(({ status }) => status === 429);
  // Of 1,200 each reserves 60 and needs about 40; a hundred flow back in each second, however many this takes.
  expect(refused.length).toBeGreaterThan(50);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(15);
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const again = await Promise.all(Array.from({ length: 30 }, () => ask('kept', '192.0.2.30')));
  expect(again.map(({ status }) => status)).toEqual(again.map(() => 200));
  const known = { 'if-none-match': again[0]!.headers.get('etag')! };
  expect((await ask('kept', '192.0.2.30', known)).status).toBe(304);
  expect((await ask('another', '192.0.2.31')).status).toBe(200);
  const json = await fetch(`${app.url}/api/v1/sites/demo/thread?key=${key}`, from('192.0.2.30'));
  expect(json.status).toBe(200);
}, 30_000);

it('who cuts the line before the request is looked at has no address any more, and is no error of the server', async () => {
  const headers = 'Host: x\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const page = 'GET /api/v1/sites/demo/thread?key=x HTTP/1.1\r\nHost: x\r\n\r\n';
  const line = `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${headers}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
  const hello = clientFrame('40{"protocol":1,"site":"demo"}');
  for (const bytes of [Buffer.from(page), Buffer.concat([Buffer.from(line), hello])]) {
    for (let n = 0; n < 20; n++) {
      const socket = dial(app.port, '127.0.0.1');
      await new Promise((done) => {
        socket.on('close', done).on('connect', () => {
          socket.write(bytes);
          socket.resetAndDestroy();
        });
      });
    }
  }
});

it('a flood leaves the server as it was', async () => {
  const client = await connectClient(app.url, {}, from('192.0.2.9'));
  expect((await client.join(newId())).mode).toBe('snapshot');
  expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  client.close();
});

it('[LIM2] where more is written than anybody can read, each writer waits, and the first word of a newcomer does not', async () => {
  const key = newId();
  const early = await connectGuest(app.url, 'Early', {}, from('192.0.2.100'));
  const { thread, you } = await early.snapshot(key);
  const reply = (by: TestClient) => by.ask('reply:create', { thread: thread.id, id: newId(), body: 'Goal!' });
  expect((await reply(early)).ok).toBe(true);
  // From a handful of places, a little less than is too much.
  const others = await Promise.all(
    Array.from({ length: 6 }, (_, n) => connectGuest(app.url, `Other ${n}`, {}, from(`192.0.2.${101 + n}`))),
  );
  const written = await Promise.all(others.flatMap((by) => Array.from({ length: 8 }, () => reply(by))));
  expect(limited(written)).toEqual([]);
  // By another node.
  const author = { ...you.me!, badge: 'guest', siteId: 'demo' } as const;
  const many = Array.from({ length: 90 }, () => ({
    id: newId(),
    parentId: null,
    author,
    body: '!',
    html: '!',
    renderer: 1,
  }));
  await app.store.createReplies(thread.id, many);
  app.service.heard(thread.id, 139);
  await until(() => early.pushed('thread:delta').at(-1)?.to === 139, 'all of it to be pushed');

  const late = await connectGuest(app.url, 'Late', {}, from('192.0.2.120'));
  expect((await reply(late)).ok).toBe(true);
  for (const writer of [late, early]) {
    const [refused] = limited([await reply(writer)]);
    expect(refused).toMatchObject({ code: 'rate_limited', retry: 'later' });
    expect(refused!.retryAfterMs).toBeGreaterThan(5_000);
    expect(refused!.retryAfterMs).toBeLessThanOrEqual(60_000);
  }
  // Several at once are no way around it.
  const eager = await connectGuest(app.url, 'Eager', {}, from('192.0.2.121'));
  const answers = await Promise.all([reply(eager), reply(eager), reply(eager)]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  eager.close();
  const { thread: quiet } = await late.snapshot(newId());
  const elsewhere = await late.ask('reply:create', { thread: quiet.id, id: newId(), body: 'Calm here.' });
  expect(elsewhere.ok).toBe(true);
  for (const client of [early, late, ...others]) client.close();
});

it('[LIM2] what one address writes under many names, here and on another node, holds up nobody else', async () => {
  const key = newId();
  const ana = await connectGuest(app.url, 'Ana', {}, from('192.0.2.130'));
  const { thread, you } = await ana.snapshot(key);
  const reply = (by: TestClient) => by.ask('reply:create', { thread: thread.id, id: newId(), body: 'Buy!' });
  const names = await Promise.all(
    Array.from({ length: 9 }, (_, n) => connectGuest(app.url, `Name ${n}`, {}, from('192.0.2.131'))),
  );
  const answers = await Promise.all(names.flatMap((by) => Array.from({ length: 10 }, () => reply(by))));
  const came = answers.filter(({ ok }) => ok).length;
  expect(came).toBeGreaterThan(50);
  const author = { ...you.me!, badge: 'guest', siteId: 'demo' } as const;
  const row = { parentId: null, author, body: '!', html: '!', renderer: 1 };
  await app.store.createReplies(
    thread.id,
    Array.from({ length: 90 }, () => ({ ...row, id: newId() })),
  );
  app.service.heard(thread.id, came + 90);
  await until(() => ana.pushed('thread:delta').at(-1)?.to === came + 90, 'all of it to be pushed');

  // Whoever writes under a tenth name from there waits, and nobody else does.
  const tenth = await connectGuest(app.url, 'Name 9', {}, from('192.0.2.131'));
  expect(limited([await reply(tenth), await reply(tenth)])).toHaveLength(1);
  for (let n = 0; n < 5; n++) expect((await reply(ana)).ok).toBe(true);
  for (const client of [ana, tenth, ...names]) client.close();
});
