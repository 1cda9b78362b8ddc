import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createLog, withoutPassword, type Log } from '../../server/log.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLWhlcmU';
const SECRETS = ['hunter2', 'pa$$w0rd', JWT, 'ann@mail.example', 'letter of a stranger'];

/** What a log says while `write` is at work. */
function logged(pretty: boolean, write: (log: Log) => void): string {
  let text = '';
  write(createLog({ level: 'trace', pretty, to: { write: (chunk) => (text += chunk) } }));
  return text;
}

function line(write: (log: Log) => void): Record<string, unknown> {
  return JSON.parse(logged(false, write)) as Record<string, unknown>;
}

/** Every way in which somebody might log a secret. */
const LEAKS: Record<string, (log: Log) => void> = {
  'a key': (log) =>
    log.info({ token: JWT, password: 'hunter2', email: 'ann@mail.example', authorization: 'Bearer hunter2hunter2' }),
  'a key of any spelling': (log) =>
    log.info({
      accessToken: JWT,
      dbPassword: 'hunter2',
      DATABASE_URL: 'postgres://a:hunter2@h/d',
      'set-cookie': 'hunter2',
      'e-mail': 'hunter2',
    }),
  'a deep key': (log) =>
    log.info({
      request: { headers: { authorization: 'hunter2', cookie: ['hunter2'] }, auth: { token: { value: 'hunter2' } } },
    }),
  'a key in a list': (log) => log.info({ guests: [{ email: 'ann@mail.example' }, [{ secret: 'hunter2' }]] }),
  'a message': (log) =>
    log.info(`connecting to postgres://afterword:pa$$w0rd@db.example/x for ann@mail.example with ${JWT}`),
  'a formatted message': (log) =>
    log.info('url %s, header %j', 'redis://:hunter2@h:1', { authorization: 'Bearer hunter2hunter2' }),
  'a text in an object': (log) =>
    log.info({ url: '/x?token=hunter2&a=1', args: ['--password=hunter2', 'AFTERWORD_SECRET=hunter2'] }),
  'the bindings of a child': (log) => log.child({ token: 'hunter2', who: 'ann@mail.example' }).info('hello'),
  'an error': (log) =>
    log.error(new Error('no way to postgresql://u:pa$$w0rd@h/d', { cause: new Error('password=hunter2') })),
  'an error beside a message': (log) =>
    log.error({ error: new TypeError('for ann@mail.example'), userEmail: 'hunter2' }, 'failed'),
  'the fields of an error': (log) =>
    log.error(Object.assign(new Error('x'), { input: 'postgres://u:pa$$w0rd@h/d', token: 'hunter2' })),
  'an invalid address': (log) => {
    try {
      new URL('postgres://u:pa$$w0rd@[h/d');
    } catch (error) {
      log.error({ error }, 'no address');
    }
  },
  'a failed query': (log) =>
    log.error(
      { error: new DrizzleQueryError('insert into replies values ($1)', ['letter of a stranger'], new Error('down')) },
      'lost',
    ),
};

describe.each([
  ['JSON', false],
  ['pretty', true],
])('a log in %s', (_name, pretty) => {
  it.each(Object.entries(LEAKS))('tells no secret that comes in %s', (_way, leak) => {
    const text = logged(pretty, leak);
    expect(text).toMatch(/\[hidden\]|postgres(?:ql)?:\/\/u@/);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it('lets no text forge a line, move the cursor or turn the reading direction', () => {
    const acting = [
      '\n',
      '\r',
      '\u001b[2J',
      '\u009b31m',
      '\u0007',
      '\b',
      '\u007f',
      '\u0085',
      '\u2028',
      '\u2029',
      '\u202e',
      '\u2066',
      '\u200f',
      '\u{e0041}',
    ];
    const hostile = acting.join('x') + '\n{"level":"fatal","msg":"forged"}\n[12:00:00] FATAL: forged';
    const writes: ((log: Log) => void)[] = [
      (log) => log.info(hostile),
      (log) => log.info({ name: hostile, list: [hostile], deep: { deeper: hostile } }, 'hello'),
      (log) => log.info({ [hostile]: hostile }, 'hello'),
      (log) => log.child({ [hostile]: hostile }).info('hello %s', hostile),
      (log) => log.error(new Error(hostile)),
      (log) =>
        log.error(
          { error: Object.assign(new Error(hostile, { cause: new Error(hostile) }), { name: hostile }) },
          hostile,
        ),
    ];
    for (const write of writes) {
      const text = logged(pretty, write);
      // Nothing but line feeds acts, and no line but the first begins as one of the log's own.
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      const [first, ...rest] = text.trimEnd().split('\n');
      expect(first).toMatch(pretty ? /^\[\d\d:\d\d:\d\d\.\d{3}\] (?:INFO|ERROR)/ : /^\{"level":"(?:info|error)"/);
      for (const other of rest) expect(other).toMatch(/^ {2,}/);
      if (!pretty) expect(rest).toEqual([]);
    }
  });

  it('says what is no secret as it is', () => {
    const text = logged(pretty, (log) =>
      log.warn(
        { key: '/article', url: 'https://x.example:8443/a', tokens: 3, hasToken: true, author: 'Ann Lee', none: null },
        'päge "open" at C:\\news',
      ),
    );
    for (const part of ['/article', 'https://x.example:8443/a', 'Ann Lee', 'päge']) expect(text).toContain(part);
    expect(text).not.toContain('[hidden]');
  });
});

describe('a line', () => {
  it('is one JSON object with its level and its time in words', () => {
    const said = line((log) => log.warn({ thread: 'a' }, 'slow'));
    expect(said).toMatchObject({ level: 'warn', thread: 'a', msg: 'slow' });
    expect(new Date(said.time as string).toISOString()).toBe(said.time);
  });

  it('tells an error with its stack and its cause, under `error` or alone', () => {
    const cause = new Error('inner');
    for (const said of [
      line((log) => log.error(new Error('outer', { cause }))),
      line((log) => log.error({ error: new Error('outer', { cause }) }, 'x')),
    ]) {
      expect(said.error).toMatchObject({
        type: 'Error',
        message: 'outer: inner',
        stack: expect.stringMatching(/\n {4}at .*log\.test/),
      });
    }
    expect(logged(true, (log) => log.error(new Error('outer')))).toMatch(/\n +at .*log\.test/);
  });

  it('is not written below its level', () => {
    let text = '';
    const log = createLog({ level: 'warn', pretty: false, to: { write: (chunk) => (text += chunk) } });
    log.info('quiet');
    log.child({ a: 1 }).debug('quiet');
    expect(text).toBe('');
    log.error('loud');
    expect(text).toContain('loud');
  });

  it('cuts what is too long to read, and survives what has no end', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle.self = circle;
    const text = logged(false, (log) =>
      log.info({ circle, long: '@'.repeat(1_000_000), big: 10n }, 'x'.repeat(1_000_000)),
    );
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({ circle: { name: 'circle' } });
  });
});

describe('withoutPassword', () => {
  it('leaves the rest of an address', () => {
    const addresses: [string, string][] = [
      ['postgres://user:password@host:5432/db?sslmode=require', 'postgres://user@host:5432/db?sslmode=require'],
      ['postgres://user:p@ss:w/ord@host/db', 'postgres://user@host/db'],
      ['redis://:password@host', 'redis://@host'],
      ['postgres://user@host/db', 'postgres://user@host/db'],
      ['postgres://host:5432/db', 'postgres://host:5432/db'],
      ['postgres://u:p@a:1,b:2/db', 'postgres://u@a:1,b:2/db'],
      ['not an address', 'not an address'],
      ['', ''],
    ];
    for (const [url, plain] of addresses) expect(withoutPassword(url)).toBe(plain);
  });
});
