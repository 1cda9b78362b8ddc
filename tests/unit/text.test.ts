import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.js';
import { BODY_MAX, KEY_MAX, NOTE_MAX, TITLE_MAX, URL_MAX } from '../../shared/limits.js';
import { checkBody, checkKey, checkNote, checkTitle, checkUrl, hasVisible } from '../../server/threads/text.js';

function expectInvalid(field: string, check: () => unknown, label: string): void {
  let thrown: unknown;
  try {
    check();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, label).toBeInstanceOf(AppError);
  expect((thrown as AppError).toBody(), label).toMatchObject({ code: 'invalid', field });
}

/** Everything that Unicode draws nothing for, as far as people have tried to post it. */
const INVISIBLE = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\u00a0',
  '\u1680',
  '\u2003',
  '\u2028',
  '\u2029',
  '\u202f',
  '\u205f',
  '\u3000',
  '\u0085',

  '\u00ad',
  '\u034f',
  '\u061c',
  '\u115f',
  '\u1160',
  '\u17b4',
  '\u17b5',
  '\u180e',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',

  '\u202e',
  '\u2060',
  '\u2064',
  '\u2066',
  '\u206f',
  '\u2800',
  '\u3164',
  '\ufe0f',
  '\ufeff',
  '\uffa0',
  '\ufff9',
  '\ufffb',

  '\ufdd0',
  '\uffff',
  '\u{1bca0}',
  '\u{1d173}',
  '\u{e0001}',
  '\u{e0041}',
  '\u{e0100}',
  '\u{10ffff}',
  '\u0301',
  '\u20dd',
];

describe('hasVisible', () => {
  it('sees letters, digits, signs and pictures of every script, newer ones than ours too', () => {
    for (const text of [
      'a',
      '1',
      '.',
      'ä',
      'я',
      'א',
      'ع',
      'あ',
      '字',
      '한',
      'ก',
      'क',
      '👍',
      '🏴',
      '☃',
      '\ue000',
      '\u{1fae9}',
      '\u0378',
    ]) {
      expect(hasVisible(text), text).toBe(true);
      expect(hasVisible(`\u200b${text}\u3164`), text).toBe(true);
    }
  });

  it('sees nothing in what leaves no mark, alone or together', () => {
    for (const text of INVISIBLE) expect(hasVisible(text), JSON.stringify(text)).toBe(false);
    expect(hasVisible(INVISIBLE.join(''))).toBe(false);
  });
});

describe('a body', () => {
  it('is kept as written, but for its line ends and the blank lines around it', () => {
    expect(checkBody('a')).toBe('a');
    expect(checkBody('\n \n  indented\r\nb\rc\n\n d  \n\n')).toBe('  indented\nb\nc\n\n d');
    expect(checkBody('e\u0301 \u202e x \u0335\u0335\u0335 \u2028 👩\u200d💻')).toBe(
      'e\u0301 \u202e x \u0335\u0335\u0335 \u2028 👩\u200d💻',
    );
  });

  it('[REQ3] is refused when there is nothing to see in it', () => {
    for (const text of INVISIBLE) expectInvalid('body', () => checkBody(text), JSON.stringify(text));
    expectInvalid('body', () => checkBody(INVISIBLE.join('')), 'all together');
  });

  it('[REQ3] is refused with controls and with half a character', () => {
    for (let code = 0; code < 0xa0; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      const isControl = (code < 0x20 && !'\t\n\r'.includes(text[1]!)) || code >= 0x7f;
      if (isControl) expectInvalid('body', () => checkBody(text), `U+00${code.toString(16)}`);
      else expect(checkBody(text)).toHaveLength(3);
    }
    for (const text of ['\ud800', '\udc00', 'a\ud83d', '\ude00\ud83d', '👍\ud83d b'])
      expectInvalid('body', () => checkBody(text), 'lone surrogate');
  });

  it('[REQ3] has at most BODY_MAX code units, line ends counted once', () => {
    expect(checkBody('x'.repeat(BODY_MAX))).toHaveLength(BODY_MAX);
    expect(checkBody('\r\nx'.repeat(BODY_MAX / 2))).toHaveLength(BODY_MAX - 1);
    for (const text of ['x'.repeat(BODY_MAX + 1), 'x'.repeat(1_000_000), '👍'.repeat(BODY_MAX / 2 + 1)])
      expectInvalid('body', () => checkBody(text), 'too long');
  });

  it('[REQ1] comes out the same when it is sent again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (a, b) => {
        const body = `\n${a}\r\n${b}x \n`.replace(/\p{C}/gu, ' ');
        expect(checkBody(checkBody(body))).toBe(checkBody(body));
      }),
    );
  });
});

describe('a title', () => {
  it('stands on one line', () => {
    expect(checkTitle(' A\n  title\t of\u00a0words ')).toBe('A title of words');
    for (const text of INVISIBLE) expect(checkTitle(text.replace(/\p{Cc}/gu, ' ')), JSON.stringify(text)).toBeNull();
  });

  it('[REQ3] is bounded and holds no controls', () => {
    expect(checkTitle('x'.repeat(TITLE_MAX))).toHaveLength(TITLE_MAX);
    for (const text of ['x'.repeat(TITLE_MAX + 1), 'x'.repeat(1_000_000), 'a\0b', 'a\u001b[31m', '\ud800'])
      expectInvalid('title', () => checkTitle(text), text.slice(0, 9));
  });
});

describe('a note', () => {
  it('may be empty, and keeps its lines', () => {
    expect(checkNote('')).toBe('');
    expect(checkNote(' a\r\nb ')).toBe('a\nb');
  });

  it('[REQ3] is bounded and holds no controls', () => {
    for (const text of ['x'.repeat(NOTE_MAX + 1), 'a\0', '\udfff'])
      expectInvalid('note', () => checkNote(text), text.slice(0, 9));
  });
});

describe('a key', () => {
  it('is compared, so it stays exactly as it is', () => {
    for (const key of ['/a', 'https://x.example/ä?b=1', ' a ', 'É', 'E\u0301', 'a  b', '__proto__', 'constructor'])
      expect(checkKey(key)).toBe(key);
  });

  it('[REQ3] is visible, well-formed, bounded and on one line', () => {
    expect(checkKey('x'.repeat(KEY_MAX))).toHaveLength(KEY_MAX);
    for (const key of [...INVISIBLE, 'x'.repeat(KEY_MAX + 1), 'a\nb', 'a\0', '\ud800x', 'a\u2028b'])
      expectInvalid('key', () => checkKey(key), JSON.stringify(key.slice(0, 9)));
  });
});

describe('an address of a page', () => {
  it('is http or https, in the spelling of a browser', () => {
    expect(checkUrl('HTTPS://Example.com')).toBe('https://example.com/');
    expect(checkUrl('http://localhost:3000/a?b#c')).toBe('http://localhost:3000/a?b#c');
  });

  it('[REQ3] is refused otherwise', () => {
    const others = [
      '',
      '/a',
      'example.com',
      'ftp://x.example',
      'javascript:alert(1)',
      'file:///a',
      'data:,x',
      'https://',
      'https://a\nb.example',

      'https://me@x.example',
      'https://:pass@x.example',
      `https://x.example/${'a'.repeat(URL_MAX)}`,
      `https://x.example/${'ä'.repeat(600)}`,
    ];
    for (const url of others) expectInvalid('url', () => checkUrl(url), url.slice(0, 40));
  });
});
