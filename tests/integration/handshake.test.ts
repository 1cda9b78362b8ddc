// Who may connect: every refusal of a handshake, by code.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ErrorBody } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { createTokens } from '../../server/accounts/tokens.js';
import { onlySecret } from '../../server/secrets/secrets.js';
import { SECRET, startTestApp, type TestApp } from '../support/app.js';
import { connectClient, connectGuest } from '../support/client.js';
import { AUTH, connectWire, openWire } from '../support/wire.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await app.database.sql`insert into sites (id, name, origins)
    values ('blog', 'Blog', '{https://blog.example.com,http://blog.example.com:8080}')`;
});
afterAll(() => app.end());

/** What the server says to this `auth`, given as the text of the wire. */
async function refusal(auth: string, headers: Record<string, string> = {}): Promise<ErrorBody> {
  const wire = await openWire(app.url, auth, headers);
  const { message, data } = (await wire.next('44')) as { message: string; data: ErrorBody };
  expect(message).toBe(data.message);
  wire.close();
  return data;
}

async function isAdmitted(
  auth: Record<string, unknown>,
  options: Parameters<typeof connectClient>[2],
): Promise<boolean> {
  return await connectClient(app.url, auth, options).then(
    (client) => {
      client.close();
      return true;
    },
    () => false,
  );
}

describe('the protocol number', () => {
  it.each(['0', '2', '99', '-1', '1.5', '1e300'])('%s is not served', async (protocol) => {
    expect(await refusal(`{"protocol":${protocol},"site":"demo"}`)).toMatchObject({
      code: 'protocol_unsupported',
      retry: 'never',
    });
  });

  it('is told before anything else, to a client of tomorrow with other fields', async () => {
    expect(await refusal('{"protocol":2,"place":"x"}')).toMatchObject({ code: 'protocol_unsupported' });
  });

  it.each(['"1"', 'null', '[1]', '{}', 'true'])('[REQ3] %s is not a number', async (protocol) => {
    expect(await refusal(`{"protocol":${protocol},"site":"demo"}`)).toMatchObject({
      code: 'invalid',
      field: 'protocol',
    });
  });
});

describe('[REQ3] what a client says of itself', () => {
  const cases = [
    ['nothing', '', 'protocol'],
    ['an empty object', '{}', 'protocol'],
    ['no site', '{"protocol":1}', 'site'],
    ['a site of another type', '{"protocol":1,"site":["demo"]}', 'site'],
    ['an empty site', '{"protocol":1,"site":""}', 'site'],
    ['a site with a NUL', '{"protocol":1,"site":"de\\u0000mo"}', 'site'],
    ['a site with half a surrogate pair', '{"protocol":1,"site":"\\ud800"}', 'site'],
    ['a site of ten thousand letters', `{"protocol":1,"site":"${'a'.repeat(10_000)}"}`, 'site'],
    ['an unknown field', '{"protocol":1,"site":"demo","admin":true}', 'admin'],
    ['a prototype', '{"protocol":1,"site":"demo","__proto__":{"token":"x"}}', '__proto__'],
    ['a constructor', '{"protocol":1,"site":"demo","constructor":{"prototype":{}}}', 'constructor'],
    ['a token of another type', '{"protocol":1,"site":"demo","token":{}}', 'token'],
    ['a token of ten thousand letters', `{"protocol":1,"site":"demo","token":"${'a'.repeat(10_000)}"}`, 'token'],
    ['a version of another type', '{"protocol":1,"site":"demo","widget":1}', 'widget'],
  ] as const;
  it.each(cases)('%s', async (_, auth, field) => {
    expect(await refusal(auth)).toMatchObject({ code: 'invalid', field, retry: 'never' });
  });

  it('an answer never repeats what is long', async () => {
    const body = await refusal(`{"protocol":1,"site":"demo","${'k'.repeat(16_000)}":1}`);
    expect(body.code).toBe('invalid');
    expect(JSON.stringify(body).length).toBeLessThan(1_000);
  });
});

describe('the site', () => {
  it.each(['nobody', 'DEMO', '__proto__', 'constructor', 'demo ', "'; drop table sites; --"])(
    '"%s" is unknown',
    async (site) => {
      expect(await refusal(JSON.stringify({ protocol: 1, site }))).toMatchObject({
        code: 'site_unknown',
        field: 'site',
      });
    },
  );

  it('one that was made a moment ago is known within seconds', async () => {
    const site = `new-${newId()}`;
    expect(await refusal(JSON.stringify({ protocol: 1, site }))).toMatchObject({ code: 'site_unknown' });
    await app.database.sql`insert into sites (id, name, origins) values (${site}, 'New', '{}')`;
    await expect.poll(() => isAdmitted({ site }, {}), { timeout: 8_000 }).toBe(true);
  });
});

describe('the origin', () => {
  it.each([
    ['demo', 'http://localhost:3000'],
    ['demo', 'http://127.0.0.1:65535'],
    ['demo', 'https://localhost'],
    ['blog', 'https://blog.example.com'],
    ['blog', 'http://blog.example.com:8080'],
  ])('[PROC2] the site "%s" accepts %s', async (site, origin) => {
    expect(await isAdmitted({ site }, { origin })).toBe(true);
  });

  it.each([
    ['demo', 'https://blog.example.com'],
    ['demo', 'http://localhost.example.com'],
    ['demo', 'http://localhost:3000.example.com'],
    ['demo', 'http://localhost@example.com'],
    ['demo', 'file://'],
    ['blog', 'http://localhost:3000'],
    ['blog', 'http://blog.example.com'],
    ['blog', 'https://blog.example.com.evil.example'],
    ['blog', 'https://evil.blog.example.com'],
    ['blog', 'https://blog.example.com:444'],
    ['blog', 'https://blog.example.com https://evil.example'],
  ])('the site "%s" refuses %s, and says who can change it', async (site, origin) => {
    const body = await refusal(JSON.stringify({ protocol: 1, site }), { origin });
    expect(body).toMatchObject({ code: 'origin_refused', retry: 'never' });
    expect(body.message).toContain(`site allow ${site}`);
  });

  it('[PROC2] an opaque origin is refused in words that say what to do', async () => {
    const body = await refusal('{"protocol":1,"site":"demo"}', { origin: 'null' });
    expect(body.code).toBe('origin_refused');
    expect(body.message).toContain('serve the page over http');
  });

  it('[PROC4] a client without one is let in', async () => {
    expect(await isAdmitted({ site: 'blog' }, {})).toBe(true);
  });

  it('is checked for polling as for WebSocket', async () => {
    expect(await isAdmitted({}, { transports: ['polling'], origin: 'http://localhost:5' })).toBe(true);
    expect(await isAdmitted({}, { transports: ['polling'], origin: 'http://evil.example' })).toBe(false);
  });
});

describe('the token', () => {
  it('lets a guest speak as the same person again', async () => {
    const first = await connectClient(app.url);
    const { token, me } = await first.must('me:guest', { name: 'Ana' });
    first.close();
    const again = await connectClient(app.url, { token });
    expect((await again.join('token')).you.me).toEqual(me);
    again.close();
  });

  it('[REQ7] two tabs that ask for one at once over the line that they share are one guest', async () => {
    const client = await connectClient(app.url);
    const [one, two] = await Promise.all([
      client.must('me:guest', { name: 'Ana' }),
      client.must('me:guest', { name: 'Ana' }),
    ]);
    expect(two.me).toEqual(one.me);
    client.close();
  });

  it('of another site is refused', async () => {
    const guest = await connectClient(app.url);
    const { token } = await guest.must('me:guest', { name: 'Ana' });
    guest.close();
    expect(await refusal(JSON.stringify({ protocol: 1, site: 'blog', token }))).toMatchObject({
      code: 'token_invalid',
    });
  });

  it('of somebody who is not there is refused', async () => {
    const token = await createTokens(() => onlySecret(SECRET)).issueGuest({ author: newId(), site: 'demo' });
    expect(await refusal(JSON.stringify({ protocol: 1, site: 'demo', token }))).toMatchObject({
      code: 'token_invalid',
    });
  });

  it.each(['', 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', '\u0000', '😀'])(
    'that is none is refused: %j',
    async (token) => {
      const body = await refusal(JSON.stringify({ protocol: 1, site: 'demo', token }));
      expect(body).toMatchObject({ code: 'token_invalid', retry: 'never' });
    },
  );

  it('signed with another secret is refused', async () => {
    const me = await connectGuest(app.url, 'Ana');
    const { you } = await me.join('token');
    me.close();
    const token = await createTokens(() => onlySecret('x'.repeat(32))).issueGuest({ author: you.me!.id, site: 'demo' });
    expect(await refusal(JSON.stringify({ protocol: 1, site: 'demo', token }))).toMatchObject({
      code: 'token_invalid',
    });
  });
});

it('[REQ3] another namespace is refused and the line stays usable', async () => {
  const wire = await openWire(app.url);
  await wire.next('40');
  wire.send('40/admin,{"protocol":1,"site":"demo"}');
  expect(await wire.next('44/admin,')).toMatchObject({ message: 'Invalid namespace' });
  expect(await wire.ask('["thread:join",{"key":"still here"}]')).toMatchObject({ ok: true });
  wire.close();
});

it('a refused line can ask nothing', async () => {
  const wire = await openWire(app.url, '{"protocol":1,"site":"nobody"}');
  await wire.next('44');
  wire.send('420["thread:join",{"key":"x"}]');
  await wire.closed;
  expect(wire.frames.some((frame) => frame.startsWith('43'))).toBe(false);
});

it('a line whose client has left is closed, and serves nobody else', async () => {
  const wire = await connectWire(app.url);
  wire.send('41');
  wire.send(`40${AUTH}`);
  await wire.closed;
  expect(wire.frames.filter((frame) => frame.startsWith('4'))).toHaveLength(1);
});
