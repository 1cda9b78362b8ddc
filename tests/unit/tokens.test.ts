import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CompactEncrypt, SignJWT } from 'jose';
import { hkdfSync } from 'node:crypto';
import { createTokens, TOKEN_DAYS } from '../../server/accounts/tokens.js';
import { onlySecret } from '../../server/secrets/secrets.js';
import { AppError } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { TOKEN_MAX } from '../../shared/limits.js';

const SECRET = 'a secret of the tests that has more than 32 characters';
const DAY_MS = 86_400_000;
const tokens = createTokens(() => onlySecret(SECRET));
const author = newId();
const site = 'my-site';

/** The key that the tokens are signed with: what an insider could do at most. */
const key = new Uint8Array(hkdfSync('sha256', SECRET, '', 'afterword identity token', 32));

async function refusal(token: unknown, at: string = site): Promise<AppError> {
  const error = await tokens.verify(token as string, at).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error, String(token).slice(0, 80)).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe('token_invalid');
  return error as AppError;
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('a token', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T00:00:00Z') }));
  afterEach(() => vi.useRealTimers());

  it('says who its bearer is on its site', async () => {
    const token = await tokens.issueGuest({ author, site });
    expect(await tokens.verify(token, site)).toEqual({ author, renew: false });
    expect(token.length).toBeLessThan(TOKEN_MAX);
  });

  it('is understood by another node with the same secret, and by none with another', async () => {
    const token = await tokens.issueGuest({ author, site });
    expect(await createTokens(() => onlySecret(SECRET)).verify(token, site)).toEqual({ author, renew: false });
    await expect(createTokens(() => onlySecret(`${SECRET}!`)).verify(token, site)).rejects.toThrow(AppError);
  });

  it('is of no use on another site', async () => {
    const token = await tokens.issueGuest({ author, site });
    for (const other of ['other-site', 'MY-SITE', 'my-site ', '']) await refusal(token, other);
  });

  it('lasts a year, and not longer', async () => {
    const token = await tokens.issueGuest({ author, site });
    vi.setSystemTime(Date.now() + (TOKEN_DAYS - 1) * DAY_MS);
    expect(await tokens.verify(token, site)).toEqual({ author, renew: true });
    vi.setSystemTime(Date.now() + 2 * DAY_MS);
    await refusal(token);
  });

  it('is refused when a single character of it changed', async () => {
    const token = await tokens.issueGuest({ author, site });
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      await refusal(token.slice(0, i) + other + token.slice(i + 1));
    }
  });

  it('is refused when only the spare bits of its last character changed, which many a decoder ignores', async () => {
    const token = await tokens.issueGuest({ author, site });
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
      if (!token.endsWith(other)) await refusal(token.slice(0, -1) + other);
  });

  it('is refused when it claims to need no signature, or another one', async () => {
    const [header, payload, signature] = (await tokens.issueGuest({ author, site })).split('.') as [
      string,
      string,
      string,
    ];
    for (const alg of ['none', 'None', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'ES256', 'HS256 ']) {
      await refusal(`${base64({ alg })}.${payload}.${signature}`);
      await refusal(`${base64({ alg })}.${payload}.`);
    }
    await refusal(`${header}.${payload}.`);
    await refusal(`${header}.${payload}`);
    const claims = { iss: 'afterword', sub: author, aud: site };
    for (const alg of ['HS384', 'HS512']) {
      const long = new Uint8Array(64).fill(1);
      await refusal(
        await new SignJWT(claims).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime('1h').sign(long),
      );
    }
    await refusal(
      await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    );
  });

  it('is refused when it holds a key of its own', async () => {
    const jwk = { kty: 'oct', k: Buffer.from('0'.repeat(32)).toString('base64url') };
    const forged = await new SignJWT({ iss: 'afterword', sub: author, aud: site })
      .setProtectedHeader({ alg: 'HS256', jwk: jwk as never, kid: '../../dev/null' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(Buffer.from('0'.repeat(32)));
    await refusal(forged);
  });

  it('is refused without every claim, even when well signed', async () => {
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key);
    const now = Math.floor(Date.now() / 1_000);
    const whole = { iss: 'afterword', sub: author, aud: site, iat: now, exp: now + 60 };
    expect(await tokens.verify(await sign(whole), site)).toEqual({ author, renew: false });
    for (const name of Object.keys(whole)) {
      const { [name as keyof typeof whole]: _, ...rest } = whole;
      await refusal(await sign(rest));
    }
    for (const wrong of [
      { sub: 'somebody' },
      { sub: 7 },
      { sub: '' },
      { iss: 'other' },
      { exp: now - 120 },
      { nbf: now + 600 },
    ]) {
      await refusal(await sign({ ...whole, ...wrong }));
    }
  });

  it('is refused when it is none', async () => {
    const none = [
      '',
      '.',
      '..',
      '...',
      'null',
      'a.b.c',
      '[object Object]',
      '\0',
      '💥',
      'x'.repeat(TOKEN_MAX + 1),
      'x'.repeat(1_000_000),
    ];
    for (const token of [...none, null, undefined, 7, {}, []]) await refusal(token);
    const oversize = await new SignJWT({ iss: 'afterword', sub: author, aud: site, pad: 'x'.repeat(TOKEN_MAX) })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key);
    await refusal(oversize);
  });

  it('is refused without a word about the reason', async () => {
    const token = await tokens.issueGuest({ author, site });
    const messages = [await refusal(token, 'other'), await refusal('x'), await refusal(`${token}x`)].map(
      ({ message }) => message,
    );
    expect(new Set(messages).size).toBe(1);
  });
});

describe('a secret', () => {
  it('needs 32 characters', () => {
    expect(() => createTokens(() => onlySecret('x'.repeat(31)))).toThrow(RangeError);
    expect(() => createTokens(() => onlySecret('x'.repeat(32)))).not.toThrow();
  });
});
