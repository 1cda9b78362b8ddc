// REQ3: whatever a client sends is answered `invalid` with the field named; nothing crashes, hangs or is half written.
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { newId } from '../../shared/ids.js';
import { MESSAGE_BYTES_MAX } from '../../shared/limits.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { connectGuest, type TestClient } from '../support/client.js';
import { until } from '../support/until.js';
import { connectWire, type Wire } from '../support/wire.js';
import { BROKEN_FIELDS } from './bad-input-fields.js';

let app: TestApp;
let ana: TestClient;
let wire: Wire;
let thread: string;
let own: string;

beforeAll(async () => {
  app = await startTestApp();
  ana = await connectGuest(app.url, 'Ana');
  thread = (await ana.snapshot('bad')).thread.id;
  own = newId();
  await ana.must('reply:create', { thread, id: own, body: 'before' });
});
afterAll(() => app.end());

beforeEach(async () => {
  wire = await connectWire(app.url);
  await wire.ask('["me:guest",{"name":"Ben"}]');
});
afterEach(() => wire.close());

/** Everything that could have been written, to be compared. */
async function written(): Promise<unknown> {
  const { sql } = app.database;
  return await sql`select (select json_agg(t order by id) from threads t) as threads,
    (select json_agg(r order by id) from replies r) as replies, (select count(*) from votes) as votes,
    (select count(*) from reports) as reports`;
}

/** The field that is named for this event, given as the text of the wire. */
async function fieldOf(event: string): Promise<string | undefined> {
  const before = await written();
  const answer = await wire.ask(event);
  if (answer.ok) throw new Error(`accepted: ${event.slice(0, 200)}`);
  expect(answer.error).toMatchObject({ code: 'invalid', retry: 'never' });
  expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  expect(await written()).toEqual(before);
  return answer.error.field;
}

describe('[REQ3] an event that does not exist', () => {
  it.each([
    'thread:joins',
    '',
    'error',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'message',
    '😀',
    'x'.repeat(100_000),
  ])('%.40s', async (event) => {
    expect(await fieldOf(JSON.stringify([event, {}]))).toBe('event');
  });

  it.each(['5', '-0', '1e999'])('named by the number %s', async (event) => {
    expect(await fieldOf(`[${event},{}]`)).toBe('event');
  });

  it.each(['null', 'true', '{}', '[["thread:join"]]'])(
    'named by %s closes the line and nothing else',
    async (event) => {
      wire.send(`421[${event},{}]`);
      await wire.closed;
      expect((await ana.join('bad')).you.me?.name).toBe('Ana');
    },
  );

  it.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
    'named like one of the library: %s',
    async (event) => {
      wire.send(`421${JSON.stringify([event, {}])}`);
      await wire.closed;
      expect((await ana.join('bad')).you.me?.name).toBe('Ana');
    },
  );
});

describe('[REQ3] something else than one object', () => {
  const payloads = [
    '',
    ',null',
    ',1',
    ',"x"',
    ',true',
    ',[]',
    ',[{"key":"x"}]',
    ',{"key":"x"},{"key":"x"}',
    ',{},1,2,3',
  ];
  it.each(payloads)('["thread:join"%s]', async (payload) => {
    expect(await fieldOf(`["thread:join"${payload}]`)).toMatch(/^(payload|key)$/);
  });

  it('binary data', async () => {
    const before = await written();
    wire.send('451-1["thread:join",{"_placeholder":true,"num":0}]');
    wire.send(Buffer.alloc(1_000_000, 'a'));
    expect(await wire.next('431')).toMatchObject([{ ok: false, error: { code: 'invalid', field: 'payload' } }]);
    wire.send(`451-2["reply:create",{"thread":"${thread}","id":"${newId()}","body":{"_placeholder":true,"num":0}}]`);
    wire.send(Buffer.from('text as bytes'));
    expect(await wire.next('432')).toMatchObject([{ ok: false, error: { code: 'invalid', field: 'body' } }]);
    expect(await written()).toEqual(before);
  });

  it('no acknowledgement: nothing is said and the line stays usable', async () => {
    wire.send('42["thread:joins",{}]');
    wire.send('42["reply:create",null]');
    wire.send('42["reply:create"]');
    wire.send(`42["thread:typing",{"thread":"${thread}"}]`);
    expect(await wire.ask('["thread:join",{"key":"bad"}]')).toMatchObject({ ok: true });
  });
});

describe('[REQ3] a field that is missing, unknown, of another type or out of range', () => {
  it.each(BROKEN_FIELDS)('%s: %.110s', async (field, event) => {
    const filled = event
      .replace('THREAD', thread)
      .replace('OWN', own)
      .replace('NEW', newId())
      .replace('OTHER', newId());
    expect(await fieldOf(filled)).toBe(field);
  });
});

describe('[REQ3] sizes and depths', () => {
  it('a body of a megabyte is answered within a moment', async () => {
    const from = performance.now();
    for (const event of ['reply:create', 'reply:edit']) {
      const body = 'a'.repeat(1_000_000);
      expect(await fieldOf(JSON.stringify([event, { thread, id: newId(), body, base: 1 }]))).toMatch(
        /body|thread|base/,
      );
    }
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  it('hundreds of thousands of unknown keys are answered within a moment', async () => {
    const keys = Array.from({ length: 200_000 }, (_, n) => `"k${n}":0`).join();
    const from = performance.now();
    expect(await fieldOf(`["thread:join",{"key":"x",${keys}}]`)).toBe('k0');
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  it.each([
    ['objects', '{"a":', '}'],
    ['lists', '[', ']'],
  ])('%s nested a hundred thousand times', async (_, open, close) => {
    const deep = `${open.repeat(100_000)}${open === '[' ? '' : '1'}${close.repeat(100_000)}`;
    expect(await fieldOf(`["reply:create",{"thread":"${thread}","id":"${newId()}","body":${deep}}]`)).toBe('body');
    expect(await fieldOf(`["thread:join",{"key":"bad","cursor":${deep}}]`)).toMatch(/^cursor/);
  });

  it('nesting around binary data ends that line at most', async () => {
    const deep = `${'['.repeat(50_000)}{"_placeholder":true,"num":0}${']'.repeat(50_000)}`;
    wire.send(`451-9["thread:join",{"key":${deep}}]`);
    wire.send(Buffer.from('x'));
    await Promise.race([wire.closed, wire.next('439')]);
    expect((await ana.join('bad')).you.me?.name).toBe('Ana');
  });

  it('a message that is larger than anything allowed closes the line, and only that', async () => {
    wire.send(`421["reply:create",{"body":"${'a'.repeat(MESSAGE_BYTES_MAX)}"}]`);
    expect(await wire.closed).toBe(1009);
    expect((await ana.join('bad')).you.me?.name).toBe('Ana');
  });

  it.each([
    '4',
    '42',
    '42[',
    '42{}',
    '42["a"',
    '43',
    '44',
    '45',
    '451-',
    '459999999-["x"]',
    '49',
    '9',
    '',
    '2probe',
    '41',
    '40{',
    '5',
  ])('half a frame, %j, disturbs nobody else', async (frame) => {
    wire.send(frame);
    expect((await ana.join('bad')).you.me?.name).toBe('Ana');
  });
});

it('of a flood of WebSocket pings the last is answered, and a lone one is as ever', async () => {
  const line = new WebSocket(`${app.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const pongs: string[] = [];
  line.on('pong', (data) => pongs.push(data.toString()));
  await once(line, 'open');
  const answered = (data: string) => until(() => pongs.includes(data), `the pong to ${data}`);
  line.ping('alone');
  await answered('alone');
  for (let n = 0; n < 20_000; n++) line.ping(String(n));
  await answered('19999');
  expect(pongs.length).toBeLessThan(2_000);
  line.terminate();
});

it('nothing of all this was an unexpected error', () => {
  expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
