import { describe, expect, it } from 'vitest';
import { BODY_MAX, URL_MAX } from '../../shared/limits.js';
import { isBlank, render, renderWithNames } from '../../server/threads/render.js';
import { readStrictly } from './render-grammar.js';

const REL = 'rel="nofollow ugc noopener"';

/** One paragraph's content, without the paragraph. */
function inline(markdown: string): string {
  const html = render(markdown);
  expect(html).toMatch(/^<p dir="auto">[^]*<\/p>$/);
  return html.slice('<p dir="auto">'.length, -'</p>'.length);
}

describe('a reply in Markdown', () => {
  it('keeps paragraphs, and breaks lines where the writer did', () => {
    expect(render('One\ntwo\n\nthree')).toBe('<p dir="auto">One<br />\ntwo</p>\n<p dir="auto">three</p>');
  });

  it('knows emphasis, strong emphasis, strikethrough and code', () => {
    expect(inline('*a* **b** ~~c~~ `d < e`')).toBe('<em>a</em> <strong>b</strong> <s>c</s> <code>d &lt; e</code>');
  });

  it('knows lists, numbered lists with their first number, and quotes', () => {
    expect(render('- a\n- b')).toBe('<ul dir="ltr">\n<li>a</li>\n<li>b</li>\n</ul>');
    expect(render('3. c\n4. d')).toBe('<ol dir="ltr" start="3">\n<li>c</li>\n<li>d</li>\n</ol>');
    expect(render('> q')).toBe('<blockquote dir="ltr">\n<p dir="auto">q</p>\n</blockquote>');
  });

  it('ends a quote with its last sign, because people answer on the next line', () => {
    expect(render('> theirs\nmine')).toBe(
      '<blockquote dir="ltr">\n<p dir="auto">theirs</p>\n</blockquote>\n<p dir="auto">mine</p>',
    );
  });

  it('shows a heading as a bold paragraph, because a reply has no sections', () => {
    expect(render('## Loud *and* **bold**')).toBe('<p dir="auto"><strong>Loud <em>and</em> bold</strong></p>');
  });

  it('takes a line drawn below a sentence for a line, not for a heading', () => {
    expect(render('The end.\n---')).toBe('<p dir="auto">The end.</p>\n<hr />');
  });

  it('keeps a fenced block as written, with its language as a class where that is a plain word', () => {
    expect(render('```ts\nlet a = "<b>";\n```')).toBe(
      '<pre dir="auto"><code class="language-ts">let a = "&lt;b&gt;";\n</code></pre>',
    );
    for (const info of ['"><script>', 'c#', 'a"b', 'x'.repeat(21), '&quot;onload=', 'style=color']) {
      expect(render(`~~~${info}\nx\n~~~`), info).toBe('<pre dir="auto"><code>x\n</code></pre>');
    }
  });

  it('shows tables and HTML as the text they are', () => {
    expect(inline('| a | b |\n|---|---|')).toBe('| a | b |<br />\n|---|---|');
    expect(inline('<b onclick="x()">hi</b> <!-- c -->')).toBe('&lt;b onclick="x()"&gt;hi&lt;/b&gt; &lt;!-- c --&gt;');
  });

  it('keeps every word of a text that is nested without end', () => {
    for (const marker of ['> ', '- ', '1. ']) {
      const html = render(`${marker.repeat(300)}still here\n\nand here`);
      expect(html, marker).toContain('still here');
      expect(html, marker).toContain('and here');
      expect(readStrictly(html).length, marker).toBeLessThan(40);
    }
  });

  it('does not nest an emphasis in itself', () => {
    expect(inline('****a****')).toBe('<strong>a</strong>');
    expect(inline(`${'*'.repeat(500)}a${'*'.repeat(500)}`)).toMatch(/^(?:<\w+>){1,2}a(?:<\/\w+>){1,2}$/);
  });
});

describe('links', () => {
  it('lead to http, https and mail addresses, and recommend nothing', () => {
    expect(inline('[a](https://x.example/b?c=1&d=2)')).toBe(
      `<a href="https://x.example/b?c=1&amp;d=2" ${REL}>a <small dir="ltr">x.example</small></a>`,
    );
    expect(inline('<me@x.example>')).toBe(`<a href="mailto:me@x.example" ${REL}>me@x.example</a>`);
    expect(inline('[r]\n\n[r]: http://x.example "title"')).toBe(
      `<a href="http://x.example/" ${REL}>r <small dir="ltr">x.example</small></a>`,
    );
  });

  it('lead nowhere else', () => {
    const elsewhere = [
      '/path',
      '#here',
      '//x.example',
      'page.html',
      'ftp://x.example',
      'tel:123',
      'javascript:alert(1)',
      'data:,x',
      'file:///etc/passwd',
      'https:',
      'https://',
      'https:x.example',
      'mailto:',
      'mailto:nobody',
      'blob:x',

      'https://user@x.example',
      'https://user:password@x.example',
      'https://x.example:99999',
      'http://[::1',
      'vbscript:x',
      `https://x.example/${'a'.repeat(URL_MAX)}`,
    ];
    for (const address of elsewhere) {
      for (const markdown of [
        `[a](${address})`,
        `[a](<${address}>)`,
        `<${address}>`,
        `![a](${address})`,
        `[a]\n\n[a]: ${address}`,
      ]) {
        const links = readStrictly(render(markdown)).filter(({ tag }) => tag === 'a');
        expect(links, markdown).toEqual([]);
      }
    }
  });

  it('are made of addresses in the text', () => {
    expect(inline('see https://x.example/a_b_c/__d__/e.')).toBe(
      `see <a href="https://x.example/a_b_c/__d__/e" ${REL}>https://x.example/a_b_c/__d__/e</a>.`,
    );
    expect(inline('(http://x.example/a_(b))')).toContain('href="http://x.example/a_(b)"');
    expect(inline('**www.x.example**!')).toBe(
      `<strong><a href="http://www.x.example/" ${REL}>www.x.example</a></strong>!`,
    );
    expect(inline('見てhttps://x.example/a。次')).toContain('href="https://x.example/a"');
    expect(inline('http://localhost:3000/x')).toContain('href="http://localhost:3000/x"');
  });

  it('are not made of file names, bare names and e-mail addresses', () => {
    for (const text of [
      'README.md',
      'example.com',
      'me@x.example',
      'www.',
      'www.x',
      'https://',
      'xhttps://x.example',
      'ftp://x.example',
    ]) {
      expect(inline(text), text).toBe(text);
    }
  });

  it('show a host as it was typed, so that a foreign alphabet does not pass for another name', () => {
    expect(inline('https://xn--80ak6aa92e.com')).toContain('>https://xn--80ak6aa92e.com</a>');
    expect(inline('https://аррӏе.com')).toContain('href="https://xn--80ak6aa92e.com/"');
  });

  it('stand in the place of images, with the words that describe them', () => {
    expect(inline('![a *cat*](https://x.example/cat.png)')).toBe(
      `<a href="https://x.example/cat.png" ${REL}>a cat <small dir="ltr">x.example</small></a>`,
    );
    expect(inline('![](https://x.example/cat.png)')).toContain('>https://x.example/cat.png</a>');
    expect(inline('[![cat](https://x.example/cat.png)](https://y.example)')).toBe(
      `<a href="https://y.example/" ${REL}>cat <small dir="ltr">y.example</small></a>`,
    );
  });

  it('never stand in one another', () => {
    expect(inline('[a <https://y.example> https://z.example b](https://x.example)')).toBe(
      `<a href="https://x.example/" ${REL}>a https://y.example https://z.example b <small dir="ltr">x.example</small></a>`,
    );
  });

  it('always have something to read and to press', () => {
    for (const text of ['', ' ', '\u200b', '![]()']) {
      expect(inline(`[${text}](https://x.example)`), JSON.stringify(text)).toContain('https://x.example/</a>');
    }
    expect(inline('a[b]()c')).toBe('abc');
  });

  it('stop where one long address is used over and over', () => {
    const long = `https://x.example/${'a'.repeat(1_900)}`;
    const html = render(`${'[a] '.repeat(390)}\n\n[a]: ${long}`);
    expect(html.length).toBeLessThan(6 * BODY_MAX);
    expect(html.match(/<a /g)?.length).toBeGreaterThan(5);
    expect(html.match(/a<\/a>|\ba\b/g)?.length).toBeGreaterThan(380);
  });
});

describe('directions', () => {
  it('lets every paragraph and code block find its own, and gives lists and quotes that of their text', () => {
    expect(render('שלום\n\nhello')).toBe('<p dir="auto">שלום</p>\n<p dir="auto">hello</p>');
    expect(render('- **مرحبا**\n- b')).toContain('<ul dir="rtl">');
    expect(render('> 12. שלום')).toContain('<blockquote dir="rtl">');
    expect(render('1. one\n2. אחת')).toContain('<ol dir="ltr">');
  });

  it('closes in each block what its bidi controls leave open', () => {
    expect(inline('a \u202e b')).toBe('a \u202e b\u202c');
    expect(inline('a \u2066 \u202d b')).toBe('a \u2066 \u202d b\u202c\u2069');
    expect(inline('a \u2067 \u202b b \u2069 c')).toBe('a \u2067 \u202b b \u2069 c');
    expect(inline('a \u202e **b \u2067** `c`')).toMatch(/\u2069\u202c$/);
    expect(inline('&#x202e; b')).toBe('\u202e b\u202c');
    expect(render('~~~\n\u202e\n~~~')).toContain('\u202e\n\u202c</code>');
    expect(render('- \u202e a\n- b')).toContain('\u202e a\u202c</li>\n<li>b</li>');
    expect(inline('![\u202e](https://x.example)\u2068')).toMatch(/\u2069$/);
  });
});

describe('a text that would cost too much', () => {
  it('comes out as it was written, line by line', () => {
    const lines = render('*a*\n'.repeat(1_500));
    expect(lines.slice(0, 50)).toBe('<p dir="auto">*a*<br />\n*a*<br />\n*a*<br />\n*a*<br');
    expect(render('['.repeat(500))).toBe(`<p dir="auto">${'['.repeat(500)}</p>`);
    expect(render(`${'\n'.repeat(1_001)}\u202e<b>`)).toMatch(/\u202e&lt;b&gt;\u202c<\/p>$/);
  });
});

describe('isBlank', () => {
  it('knows what leaves nothing to see', () => {
    const blanks = [
      '[a]: https://x.example',
      '***',
      '>',
      '- ',
      '#',
      '&nbsp;',
      '&#8203;',
      '&#x2800;',
      '**&shy;**',
      '~~~\n~~~',
      '\u3164',
    ];
    for (const markdown of blanks) expect(isBlank(render(markdown)), markdown).toBe(true);
  });

  it('knows what leaves something', () => {
    for (const markdown of ['a', '.', '<', '👍', '[](https://x.example)', '- -\n- .', '`>`', '\\*', '1']) {
      expect(isBlank(render(markdown)), markdown).toBe(false);
    }
  });
});

describe('a link', () => {
  it('shows its host where its text does not begin with it', () => {
    const hosted = (markdown: string) => /<small dir="ltr">(.*)<\/small>/.exec(inline(markdown))?.[1] ?? null;
    expect(inline('[here](https://example.org/a)')).toBe(
      `<a href="https://example.org/a" ${REL}>here <small dir="ltr">example.org</small></a>`,
    );
    expect(hosted('[bank.example](https://evil.example)')).toBe('evil.example');
    expect(hosted('[https://evil.example.bank.example](https://evil.example)')).toBe('evil.example');
    expect(hosted('[münchen.example](https://münchen.example)')).toBe('xn--mnchen-3ya.example');
    expect(hosted('[*www.example.org*/page](https://www.example.org/page)')).toBeNull();
    expect(hosted('https://example.org/page')).toBeNull();
    expect(hosted('[mail](mailto:a@example.org)')).toBeNull();
    expect(hosted('![](https://example.org/a.png)')).toBeNull();
  });

  it('shows its host, set apart, also where controls may turn the letters of its text round', () => {
    const hosted = (markdown: string) => /<small dir="ltr">(.*)<\/small>/.exec(inline(markdown))?.[1] ?? null;
    for (const control of ['\u202e', '\u202d', '\u202b', '\u2067', '\u2068']) {
      expect(hosted(`${control}.[moc.lapyap.ru](https://moc.lapyap.ru/) ta ni ngis`)).toBe('moc.lapyap.ru');
      expect(hosted(`[evil.example/${control}paypal.com](https://evil.example)`)).toBe('evil.example');
    }
    expect(hosted('[evil.example](https://evil.example) \u202e')).toBeNull();
  });
});

describe('the host of a link', () => {
  /** What can be pressed, as it is read. */
  const pressed = (markdown: string) =>
    [...inline(markdown).matchAll(/<a [^>]*>([^]*?)<\/a>/g)].map(([, html]) => html!.replace(/<[^>]*>/g, ''));

  it('stands by its text, whatever blanks that holds (VIEW3)', () => {
    const blanks = [
      ...Array.from(
        '\u00a0\u1680\u2000\u2003\u2007\u2009\u202f\u205f\u2800\u3000\u3164\u115f\u1160\uffa0\u0085\u2028\t',
      ),
      ...Array.from('\u200b\u2060\u00ad\ufeff\u180e\u2064\u034f\ufe0f\u{13441}\u{1d159}\u{e0020}'),
      '&nbsp;',
      '&#x2800;',
      '**&nbsp;**',
      '*&nbsp;* `\u00a0`',
      '\u00a0\u200b',
      '&emsp;\n',
      '\\\n',
      '&#8203;  \n',
    ];
    for (const blank of blanks) {
      const many = blank.repeat(Math.min(450, Math.floor(9_000 / blank.length)));
      for (const text of [`bank.example${many}.`, `a${many}`, `**a**${many}b`, `evil.example/${many}bank.example`]) {
        const [label] = pressed(`[${text}](https://evil.example)`);
        expect(label, JSON.stringify([blank, text.slice(0, 30)])).toMatch(/evil\.example/);
        expect(label!.length, JSON.stringify([blank, text.slice(0, 30)])).toBeLessThan(50);
        expect(label).not.toContain('\n');
      }
    }
  });

  it('stands by its text in the place of an image, too', () => {
    const [label] = pressed(`![bank.example${'\u00a0'.repeat(9_000)}.](https://evil.example)`);
    expect(label).toBe('bank.example\u00a0. evil.example');
  });

  it('is what can be pressed where the text is longer than any title (VIEW3)', () => {
    const text = 'the **bank** at bank.example '.repeat(20).trim();
    expect(pressed(`[${text}](https://evil.example/b)`)).toEqual(['https://evil.example/b']);
    expect(render(`[${text}](https://evil.example/b)`).replace(/<[^>]*>/g, '')).toBe(
      `${text.replaceAll('*', '')} https://evil.example/b`,
    );
    expect(pressed(`[${'\ua9c5'.repeat(301)}](https://evil.example/b)`)).toEqual(['https://evil.example/b']);
    expect(pressed(`\u202e[${'x'.repeat(301)}](https://evil.example/b)`)).toEqual([
      'https://evil.example/b evil.example',
    ]);
    expect(pressed(`[${'x'.repeat(300)}](https://evil.example/b)`)).toEqual([`${'x'.repeat(300)} evil.example`]);
  });

  it('leaves long addresses, emoji, flags and joined letters as they are', () => {
    const long = `https://x.example/${'a'.repeat(1_000)}`;
    expect(pressed(`${long} <${long}> www.${long.slice(8)}`)).toEqual([long, long, `www.${long.slice(8)}`]);
    for (const text of [
      '👩\u200d❤\ufe0f\u200d👩 x',
      '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
      'می\u200cروم تا',
      'a \u200eb',
    ])
      expect(pressed(`[${text}](https://x.example)`)).toEqual([`${text} x.example`]);
  });
});

describe('a mention', () => {
  const people = new Map([
    ['1', 'Ana'],
    ['2', 'Ana Lima'],
    ['3', 'O (x)'],
    ['4', 'دانا'],
  ]);
  const named = (markdown: string) => renderWithNames(markdown, people);

  it('is the name of somebody, as it is written, behind an @', () => {
    expect(named('@Ana, see @Ana Lima')).toEqual({
      html: '<p dir="auto"><bdi>@Ana</bdi>, see <bdi>@Ana Lima</bdi></p>',
      mentioned: ['1', '2'],
    });
    expect(named('سلام @دانا')).toMatchObject({ mentioned: ['4'] });
    expect(named('*@O (x)*').html).toContain('<em><bdi>@O (x)</bdi></em>');
  });

  it('is not part of another word, nor in code, in a link, or of somebody else', () => {
    for (const text of ['@Anabel', 'x@Ana', '@@Ana', '@ana', '@Ana_', '`@Ana`', '[@Ana](https://example.org)', '@Ben'])
      expect(named(text)).toMatchObject({ html: expect.not.stringContaining('<bdi>'), mentioned: [] });
    expect(render('@Ana')).toBe('<p dir="auto">@Ana</p>');
  });

  it('can not smuggle anything in', () => {
    const { html } = renderWithNames(
      '@<b>x</b> @a|b',
      new Map([
        ['1', '<b>x</b>'],
        ['2', 'a|b'],
        ['3', ''],
      ]),
    );
    expect(html).toBe('<p dir="auto"><bdi>@&lt;b&gt;x&lt;/b&gt;</bdi> <bdi>@a|b</bdi></p>');
  });
});
