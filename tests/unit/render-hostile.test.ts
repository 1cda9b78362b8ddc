import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_MAX } from '../../shared/limits.js';
import { isBlank, render } from '../../server/threads/render.js';
import { sanitise } from '../../server/threads/render-sanitise.js';
import { readStrictly } from './render-grammar.js';
import { PAYLOADS } from './render-payloads.js';

const COST_MAX_MS = 90;

/** What Markdown gives a meaning to, alone and in the usual company, and what people attack with. */
const ATOMS = [
  '>',
  '*',
  '_',
  '[',
  ']',
  '(',
  ')',
  '`',
  '~',
  '!',
  '#',
  '-',
  '+',
  '|',
  '<',
  '&',
  '\\',
  '\n',
  ' ',
  'a',
  '1',
  '.',
  ':',
  '/',
  '"',

  "'",
  '\t',
  '{',
  '@',
  '?',
  '=',
  ';',
  '\u202e',
  '\u2067',
  '\u2069',
  '\u0301',
  '\u200b',
  'é',
  '👍',
  'אב',
  '\n\n',
  '  \n',
  '\n    ',

  '> ',
  '- ',
  '1. ',
  '# ',
  '![',
  '](',
  '[](',
  '](https://x.example)',
  '[a]: https://x.example\n',
  '[a]',
  '~~~\n',
  '```js\n',
  '``',

  '**',
  '__',
  '***',
  '~~',
  'https://',
  'https://x.example',
  'www.',
  'www.x.example',
  'xn--',
  'mailto:a@x.example',
  '<https://x.example>',

  '<a',
  '</',
  '<!--',
  '<script>',
  '&#',
  '&amp;',
  '&#x202e;',
  '&lt;',
  'javascript:',
  'data:',
  'onclick=',
  '- - - - ',
  '> > > > ',
];
const hostile = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ATOMS) }, fc.string({ unit: 'grapheme' })),
  {
    maxLength: 60,
  },
);
const markdown = fc.oneof(
  hostile.map((pieces) => pieces.join('')),
  fc.tuple(hostile, fc.constantFrom(...PAYLOADS)).map(([pieces, payload]) => pieces.join('') + payload),
);

describe('hostile Markdown', { timeout: 30_000 }, () => {
  it.each(PAYLOADS)('comes to nothing: %s', (payload) => {
    const bodies = [
      payload,
      `text ${payload} text`,
      `> ${payload}`,
      `- ${payload}`,
      `[${payload}](https://x.example)`,
      `\`\`\`\n${payload}`,
    ];
    for (const body of bodies) readStrictly(render(body));
  });

  it('leaves only what is on the list, well-formed, whatever is written', () => {
    fc.assert(
      fc.property(markdown, (body) => {
        const html = render(body);
        for (const { attributes } of readStrictly(html)) {
          expect(attributes.href ?? 'https:').toMatch(/^(?:https?|mailto):/);
          expect(Object.keys(attributes).filter((name) => /^on|^(?:id|name|style|target)$/.test(name))).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('comes out of the sanitiser as it went in', () => {
    fc.assert(
      fc.property(markdown, (body) => {
        expect(sanitise(render(body))).toBe(render(body));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is safe behind the second wall alone', () => {
    fc.assert(
      fc.property(markdown, (body) => {
        const html = sanitise(body);
        // Unlike the parser's, foreign markup may be unbalanced, so only its pieces are read here.
        for (const [tag] of html.matchAll(/<[^>]*>/g))
          expect(tag).toMatch(/^<\/?[a-z]+(?: (?:href|rel|dir|start|class)="[^"<>]*")*(?: \/)?>$/);
        expect(html).not.toMatch(/href="(?!https?:|mailto:)/);
        expect(sanitise(html)).toBe(html);
      }),
      { numRuns: 1_000 },
    );
    for (const payload of PAYLOADS) expect(sanitise(payload)).not.toMatch(/<[^>]+(?:on\w+=|javascript:|style=|id=)/i);
  });

  it('ends every block with its bidi controls closed', () => {
    fc.assert(
      fc.property(markdown, (body) => {
        for (const block of render(body).split(/<\/?(?:p|pre|li|ul|ol|blockquote|hr)\b[^>]*>/))
          expect(bidiDepth(block)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('shows every letter and digit that was written, unless it was an address or a definition', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 20 });
    const glue = fc.constantFrom(
      ' ',
      '\n',
      '\n\n',
      ' *',
      '* ',
      ' **',
      '** ',
      '\n> ',
      '\n- ',
      '\n    ',
      ' <',
      '> ',
      ' _',
      '_ ',
      ' ~~',
      '\n# ',
      ' [',
      '] ',
    );
    fc.assert(
      fc.property(words, fc.array(glue, { minLength: 20, maxLength: 20 }), (list, glues) => {
        const body = list.map((word, i) => word + glues[i]).join('');
        const shown = render(body)
          .replace(/<[^>]*>/g, '')
          .replace(/&\w+;/g, ' ');
        expect(shown.match(/[a-z0-9]+/g) ?? []).toEqual(body.match(/[a-z0-9]+/g));
        expect(isBlank(render(body))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the longest hostile bodies', { timeout: 30_000 }, () => {
  const fill = (unit: string, length = BODY_MAX) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const half = BODY_MAX / 2;
  /** Slow in one version of this renderer or another. */
  const SLOW = [
    'xn--www.',
    'https://a?',
    'éwww.',
    'x\n> > > > > > > >\n#',
    '](<\n   > > > >\n#',
    '![',
    '[a](',
    '\n* - * - * - * -',
    '"\n>',
    '&*',
  ];

  it('take time in proportion to their length, and do not swell', () => {
    render(fill('Some *warm* words. '));
    const units = [...ATOMS, ...SLOW];
    for (const unit of units) cheap(fill(unit), unit);
    // Openers without end, then closers without end.
    for (const [open, close] of [
      ['*', '*a'],
      ['[', ']'],
      ['![', ']()'],
      ['(', ')'],
      ['`', '``'],
      ['<', '>'],
      ['> ', '\n'],
      ['- ', '\n\n'],
      ['**_', '_**'],
    ]) {
      cheap(fill(open!, half) + fill(close!, half), `${open} then ${close}`);
    }
  });

  it('take no time in random company either', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ATOMS), { minLength: 1, maxLength: 4 }), (unit) =>
        cheap(fill(unit.join('')), unit.join('')),
      ),
      { numRuns: 150 },
    );
  });

  /** Processor time: some 20 ms at worst; the cases above took 100 ms to 9 s. */
  function cheap(body: string, label: string): void {
    let html = '';
    let ms = Infinity;
    // What it costs: a busy machine only ever adds to that.
    for (let tries = 0; tries < 5 && ms >= COST_MAX_MS; tries++) {
      const before = process.cpuUsage();
      html = render(body);
      const { user, system } = process.cpuUsage(before);
      ms = Math.min(ms, (user + system) / 1_000);
    }
    expect(ms, `milliseconds for ${JSON.stringify(label)}`).toBeLessThan(COST_MAX_MS);
    expect(html.length, JSON.stringify(label)).toBeLessThan(8 * BODY_MAX);
  }
});

/** How many bidi controls a text leaves open (UAX #9). */
function bidiDepth(text: string): number {
  const open: string[] = [];
  for (const sign of text) {
    if (/[\u202a\u202b\u202d\u202e]/.test(sign)) open.push('embedding');
    if (/[\u2066-\u2068]/.test(sign)) open.push('isolate');
    if (sign === '\u202c' && open.at(-1) === 'embedding') open.pop();
    if (sign === '\u2069' && open.includes('isolate')) while (open.pop() !== 'isolate');
  }
  return open.length;
}
