import { describe, expect, it } from 'vitest';
import { isOriginAllowed, normaliseOrigin, OriginError } from '../../server/sites/origins.js';

const BLOG = 'https://blog.example.com';

describe('an origin', () => {
  it('is allowed where scheme, host and port are the same', () => {
    expect(isOriginAllowed(BLOG, ['https://other.example', BLOG])).toBe(true);
    expect(isOriginAllowed('http://blog.example.com:8080', ['http://blog.example.com:8080'])).toBe(true);
    expect(isOriginAllowed('http://[::1]:3000', ['http://[0:0:0:0:0:0:0:1]:3000'])).toBe(true);
  });

  it('is the same in every spelling', () => {
    const same: [string, string][] = [
      [BLOG, 'HTTPS://Blog.Example.COM'],
      [BLOG, `${BLOG}:443`],
      [`${BLOG}:443`, BLOG],
      ['http://a.example', 'http://a.example:80'],
      ['https://xn--bcher-kva.example', 'https://bücher.example'],
      [`${BLOG}.`, BLOG],
      [BLOG, `${BLOG}.`],
      ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ];
    for (const [origin, entry] of same) expect(isOriginAllowed(origin, [entry]), `${origin} for ${entry}`).toBe(true);
  });

  it('is refused where anything differs', () => {
    const others = [
      'http://blog.example.com',
      'https://example.com',
      'https://www.blog.example.com',
      'https://blog.example.com:444',

      'https://blog.example.co',
      'https://blog.example.com.evil.example',
      'https://evil-blog.example.com',
      'https://evilblog.example.com',

      'https://blog.example.comevil',
      'https://blog.example.com@evil.example',
      'https://blog.example.com:x@evil.example',

      'https://evil.example/https://blog.example.com',
      'https://evil.example?https://blog.example.com',
      'https://evil.example#blog.example.com',

      'https://evil.example\\@blog.example.com',
      'https://blog%2eexample.com@evil.example',
      'https://bl\u043eg.example.com',
      'https://blog-example.com',
      'https://blogxexample.com',
      'wss://blog.example.com',
      'ftp://blog.example.com',
    ];
    for (const origin of others) expect(isOriginAllowed(origin, [BLOG]), origin).toBe(false);
  });

  it('is refused where it is none', () => {
    const none = [
      '',
      'null',
      'NULL',
      'undefined',
      '*',
      'file://',
      'about:blank',
      'https://',
      'https:blog.example.com',
      '//blog.example.com',

      'blog.example.com',
      `${BLOG}/`,
      `${BLOG}/path`,
      `${BLOG}?`,
      `${BLOG}#`,
      ` ${BLOG}`,
      `${BLOG} `,
      `${BLOG}\n`,
      `${BLOG}\t`,
      `${BLOG}\0`,

      `${BLOG}:`,
      `${BLOG}:*`,
      `${BLOG}:99999`,
      `${BLOG},${BLOG}`,
      `${BLOG} ${BLOG}`,
      'chrome-extension://abcdef',
      'data:text/html,x',
      `${BLOG}..`,
      'https://.',
      'https://blog..example.com:443x',
      'https://[blog.example.com]',
    ];
    for (const origin of none)
      expect(isOriginAllowed(origin, [BLOG, 'null', '*', '', 'https://']), JSON.stringify(origin)).toBe(false);
  });

  it('may have any port where the entry says so, and only there', () => {
    const entry = ['http://localhost:*'];
    for (const origin of [
      'http://localhost',
      'http://localhost:80',
      'http://localhost:3000',
      'http://LOCALHOST:65535',
    ]) {
      expect(isOriginAllowed(origin, entry), origin).toBe(true);
    }
    for (const origin of [
      'https://localhost:3000',
      'http://localhost.evil.example:3000',
      'http://127.0.0.1:3000',
      'http://localhost:*',
      'http://localhost:3000@evil.example',
    ]) {
      expect(isOriginAllowed(origin, entry), origin).toBe(false);
    }
  });

  it('is never allowed by an entry that is no origin', () => {
    for (const entry of [
      '*',
      'https://*',
      'https://*.example.com',
      'blog.example.com',
      '.example.com',
      'https://blog.example.com/path',
    ]) {
      expect(isOriginAllowed(BLOG, [entry]), entry).toBe(false);
    }
  });
});

describe('an entry of a site', () => {
  it('is kept in one spelling', () => {
    const spellings: [string, string][] = [
      [' HTTPS://Blog.Example.com:443 ', BLOG],
      ['https://bücher.example', 'https://xn--bcher-kva.example'],
      ['http://localhost:*', 'http://localhost:*'],
      ['http://Localhost:3000', 'http://localhost:3000'],
      ['http://[::1]:*', 'http://[::1]:*'],
      ['https://a.example.', 'https://a.example'],
    ];
    for (const [entry, kept] of spellings) {
      expect(normaliseOrigin(entry)).toBe(kept);
      expect(normaliseOrigin(kept)).toBe(kept);
    }
  });

  it('is refused with what to write instead', () => {
    const refusals: [string, RegExp][] = [
      ['null', /opened from disk/],
      ['blog.example.com', /with its scheme/],
      ['ftp://blog.example.com', /with its scheme/],
      [`${BLOG}/`, /behind the host/],
      [`${BLOG}/a?b#c`, /behind the host/],
      ['https://me@blog.example.com', /user name/],
      ['https://*.example.com', /star/],
      ['https://', /scheme, host/],
      ['https://a.example:99999', /scheme, host/],
    ];
    for (const [entry, reason] of refusals) {
      expect(() => normaliseOrigin(entry), entry).toThrow(OriginError);
      expect(() => normaliseOrigin(entry), entry).toThrow(reason);
    }
  });
});
