import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STANDARD, withSetting } from '../../demo/settings.js';
import { serverAddress, snippet } from '../../demo/snippet.js';
import { twinOrigin } from '../../demo/twin.js';

const SERVER = 'https://talk.example.com';

describe('the snippet', () => {
  it('is one short line while nothing was chosen', () => {
    expect(snippet(STANDARD, SERVER, 'demo')).toBe(
      '<script async src="https://talk.example.com/afterword.js" data-site="demo"></script>',
    );
  });

  it('names each choice as a data attribute of the script tag', () => {
    const made = withSetting(withSetting(STANDARD, 'theme', 'dark'), 'accent', '#0AF');
    expect(snippet(made, SERVER, 'demo')).toBe(
      [
        '<script async',
        '  src="https://talk.example.com/afterword.js"',
        '  data-site="demo"',
        '  data-theme="dark"',
        '  data-accent="#00aaff"></script>',
      ].join('\n'),
    );
  });

  it('can not be broken out of by any heading or key', () => {
    const quoted = withSetting(STANDARD, 'heading', `"></script><script>alert('&')</script>`);
    const code = snippet(quoted, SERVER, 'demo');
    expect(code).toContain(`data-heading="&quot;&gt;&lt;/script&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;"`);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (heading, thread) => {
        const made = withSetting(withSetting(STANDARD, 'heading', heading), 'thread', thread);
        expect(snippet(made, SERVER, 'demo').match(/[<>]/g)).toHaveLength(4);
      }),
    );
  });
});

describe('the server that the snippet names', () => {
  it('is the public one where the server knows it', () => {
    expect(serverAddress('https://talk.example.com', 'http://localhost:3000')).toBe('https://talk.example.com');
    expect(serverAddress('https://example.com/talk/', 'http://localhost:3000')).toBe('https://example.com/talk');
  });

  it('is the page’s own where it does not', () => {
    for (const unknown of [null, undefined, '', '{{publicUrl}}', 'javascript:alert(1)', 'talk.example.com']) {
      expect(serverAddress(unknown, 'http://localhost:3000'), String(unknown)).toBe('http://localhost:3000');
    }
  });
});

describe('the other name of this machine', () => {
  it('keeps scheme and port', () => {
    expect(twinOrigin('http://localhost:3000')).toBe('http://127.0.0.1:3000');
    expect(twinOrigin('http://127.0.0.1:4711')).toBe('http://localhost:4711');
    expect(twinOrigin('https://localhost')).toBe('https://127.0.0.1');
  });

  it('is there for no other host', () => {
    for (const origin of [
      'https://talk.example.com',
      'http://localhost.example.com',
      'http://[::1]:3000',
      'http://constructor',
      'null',
      '',
    ]) {
      expect(twinOrigin(origin), origin).toBeNull();
    }
  });
});
