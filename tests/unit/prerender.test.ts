// The first page as HTML: what stands in it, and that nothing hostile gets out of its place.
import { html, nothing } from 'lit';
import { describe, expect, it } from 'vitest';

import { Markup } from '../../widget/prerender/markup.js';
import { prerender, type Wanted } from '../../widget/prerender/prerender.js';
import { makeRemoved, makeReply, makeSnapshot, makeThread } from '../support/replies.js';

const wanted: Wanted = {
  site: 'blog',
  sort: 'oldest',
  title: 'An article',
  heading: '',
  lang: '',
  styles: { text: '#root{color:red}' },
};

/** What `JSON.parse` gets in the page. */
function dataOf(fragment: string): unknown {
  const [, data] = /<script type="application\/json">(.*?)<\/script>/s.exec(fragment) ?? [];
  return JSON.parse(data!) as unknown;
}

describe('Markup', () => {
  const markup = new Markup((css) => ` style="${css}"`);

  it('writes each kind of value that templates hold', () => {
    const press = (): void => {};
    expect(
      markup.of(
        html`<p class=${'a b'} title=${nothing} lang=${undefined} id="by-${7}" .style=${'--x:1'}>
          ${'<b>'} ${[html`<i>${true}</i>`, null, nothing]}
          <button @click=${press}>${0}</button>
        </p>`,
      ),
    ).toBe('<p class="a b" lang="" id="by-7" style="--x:1">&#60;b&#62; <i>true</i><button disabled>0</button></p>');
  });

  it('throws on what it does not know, instead of leaving it out', () => {
    expect(() => markup.of(html`<p ?hidden=${true}></p>`)).toThrow('?hidden');
    expect(() => markup.of(html`<p .value=${'a'}></p>`)).toThrow('.value');
    expect(() => markup.of(html`<p>${{ a: 1 }}</p>`)).toThrow();
  });
});

describe('prerender', () => {
  it('[HTTP5] holds the replies as they are read, and the snapshot that they come from', async () => {
    const snapshot = makeSnapshot(
      [
        makeReply('a', {
          replies: 1,
          editedAt: '2026-01-02T00:00:00.000Z',
          author: { id: '1', name: 'Ana', badge: 'owner' },
        }),
        makeReply('b', { born: 2, parent: 'a', root: 'a', depth: 1 }),
        makeRemoved('c', { born: 3, replies: 1, more: { after: 'x', count: 1 } }),
      ],
      { more: { after: 'y', count: 5 } },
    );
    const fragment = await prerender(snapshot, wanted);
    expect(fragment).toContain('<afterword-discussion site="blog" thread="article" title="An article" sort="oldest">');
    expect(fragment).toContain('<template shadowrootmode="open"><div id="given"><style>#root{color:red}</style>');
    expect(fragment).toContain('2 replies on “<bdi>An article</bdi>”');
    for (const text of [
      'Author</span>',
      'edited',
      'Jan 1, 2026</time>',
      'This reply was removed.',
      'Show 5 more replies',
    ])
      expect(fragment).toContain(text);
    expect(fragment.indexOf('id="b"')).toBeGreaterThan(fragment.indexOf('<div class="children">'));
    expect(dataOf(fragment)).toEqual(snapshot);
  });

  it('[HTTP5] keeps names, titles and keys in their place', async () => {
    const hostile = `"><img src=x onerror=alert(1)></style></script></template><!--'&lt;`;
    const fragment = await prerender(
      makeSnapshot([makeReply('a', { author: { id: hostile, name: hostile, badge: 'guest' } })], {
        thread: makeThread({ key: hostile, title: hostile, url: hostile, count: 1 }),
      }),
      { ...wanted, site: hostile, title: hostile, heading: `{n} ${hostile} {title}`, lang: hostile },
    );
    expect(fragment).not.toMatch(/<img|<!--/);
    for (const end of ['</style', '</script', '</template']) expect(fragment.split(end)).toHaveLength(2);
    expect(
      fragment
        .split(' onerror=')
        .slice(1)
        .every((after) => after.startsWith('alert(1)&#62;') || after.startsWith('alert(1)>\\u003c')),
    ).toBe(true);
  });

  it('[HTTP5] speaks the language asked for, in its direction', async () => {
    const fragment = await prerender(makeSnapshot([makeReply('a')]), { ...wanted, lang: 'he-IL' });
    expect(fragment).toContain('lang="he-il" dir="rtl"');
    expect(fragment).not.toContain('reply on');
  });

  it('[HTTP5] needs no inline style where styles come by a link', async () => {
    const fragment = await prerender(makeSnapshot([makeReply('a')]), {
      ...wanted,
      styles: { href: 'https://talk.example.com/widget/page-abcdef.css' },
    });
    expect(fragment).toContain('<link rel="stylesheet" href="https://talk.example.com/widget/page-abcdef.css">');
    expect(fragment).not.toMatch(/<style|style=/);
    expect(fragment).toMatch(/class="avatar".* data-hue="\d+"/);
  });
});

it('is drawn by the Lit that is shipped, not by its build for developers', () => {
  // Which that one keeps what it said in.
  expect(globalThis).not.toHaveProperty('litIssuedWarnings');
});
