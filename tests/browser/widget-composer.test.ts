// What helps with writing: comes when the composer is touched, and nothing written is ever lost for it.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../shared/ids.js';
import { startSmallProxy } from '../support/small-proxy.js';
import { box, button } from '../support/opened.js';
import { hasStatus, post, World } from '../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** A page whose composer was touched and has its tools. */
async function writer(thread: string = newId()): Promise<Page> {
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await box(page).focus();
  await page.getByRole('toolbar', { name: 'Formatting' }).waitFor();
  return page;
}

async function paste(page: Page, data: Record<string, string>): Promise<boolean> {
  return box(page).evaluate((node, given) => {
    const clipboardData = new DataTransfer();
    for (const [type, text] of Object.entries(given)) clipboardData.setData(type, text);
    return node.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, data);
}

it('loads nothing of it before the composer is touched, and then once', async () => {
  const proxy = await startSmallProxy(world.app.port, { addsForwarded: true, passesUpgrade: true });
  try {
    const { page } = await world.readers.open(world.article({ server: proxy.url }));
    const writing = (): string[] => proxy.paths.filter((path) => path.includes('writing'));
    await hasStatus(page, 'live');
    await button(page, 'Post reply').waitFor();
    expect(writing()).toEqual([]);
    await box(page).focus();
    await page.getByRole('toolbar').waitFor();
    expect(writing()).toHaveLength(1);
  } finally {
    await proxy.close();
  }
});

it('[PAGE7] puts what is sent into the outbox while nothing more can be had, and sends it when the line is back', async () => {
  const { page } = await world.readers.open(world.article(), {
    allow: [/writing-|acting-/, /Failed to load|WebSocket/],
  });
  await page.route(/writing-|acting-/, (route) => route.abort());
  await hasStatus(page, 'live');
  await page.context().setOffline(true);
  await hasStatus(page, 'offline');
  const node = await box(page).elementHandle();
  await post(page, 'Without **tools**', 'Ana');
  const own = page.getByRole('article').filter({ hasText: 'Without **tools**' });
  await own.getByText('waiting to send').waitFor();
  // The same text box, empty now: what was in it is on its way.
  expect(await node!.evaluate((one) => [one.isConnected, (one as HTMLTextAreaElement).value])).toEqual([true, '']);
  await page.context().setOffline(false);
  await page.locator('article strong', { hasText: 'tools' }).waitFor();
});

it('[PAGE7] keeps a text without a name in its box until it can say so', async () => {
  const { page } = await world.readers.open(world.article(), { allow: [/writing-/, /Failed to load/] });
  await page.route(/writing-/, (route) => route.abort());
  await hasStatus(page, 'live');
  await post(page, 'By nobody');
  await page.locator('form[aria-busy=true]').getByRole('button', { name: 'sending' }).waitFor();
  const name = page.getByRole('textbox', { name: 'Your name' });
  expect(await name.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  await page.unroute(/writing-/);
  await page.getByText('Give a name first.').waitFor();
  expect(await box(page).inputValue()).toBe('By nobody');
});

it('formats by button and by key, takes it back, and undoes', async () => {
  const page = await writer();
  await page.keyboard.type('make it bold');
  await page.keyboard.press('Shift+Control+ArrowLeft');
  await page.keyboard.press('Control+b');
  expect(await box(page).inputValue()).toBe('make it **bold**');
  await page.keyboard.press('Control+b');
  expect(await box(page).inputValue()).toBe('make it bold');
  await button(page, 'Italic').click();
  expect(await box(page).inputValue()).toBe('make it *bold*');
  await page.keyboard.press('Control+z');
  expect(await box(page).inputValue()).toBe('make it bold');
  // One stop for Tab; the arrows do the rest.
  await button(page, 'Bold').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  expect(await box(page).inputValue()).toBe('- make it bold');
});

it('goes on with a list and ends it', async () => {
  const page = await writer();
  await page.keyboard.type('1. one\ntwo\n\nafter');
  expect(await box(page).inputValue()).toBe('1. one\n2. two\nafter');
});

it('leaves the key that ends a composition to the input method', async () => {
  const page = await writer();
  await page.keyboard.type('- かな');
  const isTaken = (init: { isComposing?: boolean; keyCode?: number }) =>
    box(page).evaluate(
      (node, options) =>
        !node.dispatchEvent(
          new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, composed: true, ...options }),
        ),
      init,
    );
  expect(await isTaken({ isComposing: true })).toBe(false);
  expect(await isTaken({ keyCode: 229 })).toBe(false);
  expect(await box(page).inputValue()).toBe('- かな');
  expect(await isTaken({})).toBe(true);
  expect(await box(page).inputValue()).toBe('- かな\n- ');
});

it('pastes a link over words, and rich text as Markdown without anything that runs', async () => {
  const page = await writer();
  await page.keyboard.type('see this');
  await page.keyboard.press('Shift+Control+ArrowLeft');
  expect(await paste(page, { 'text/plain': 'https://example.org/' })).toBe(false);
  expect(await box(page).inputValue()).toBe('see [this](https://example.org/)');
  await box(page).fill('');
  await paste(page, {
    'text/plain': 'x',
    'text/html': `<h2>Title</h2><p>Some <b>bold</b>, <i> slanted </i> and <a href="https://example.org">linked</a>
      <a href="javascript:alert(1)">words</a>*</p><ul><li>one<li>two<ol><li>deep</ol></ul><blockquote>said</blockquote>
      <pre>code\n  more</pre><img src="x" onerror="window.hit=1" alt="a cat"><script>window.hit=1</script>`,
  });
  expect(await box(page).inputValue()).toBe(
    [
      '**Title**',
      'Some **bold**,  *slanted*  and [linked](https://example.org) words\\*',
      '- one\n- two\n  1. deep',
      '> said',
      '```\ncode\n  more\n```',
      'a cat',
    ].join('\n\n'),
  );
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  // Nothing in it but text: the browser pastes it by itself.
  expect(await paste(page, { 'text/plain': 'x', 'text/html': '<span>x</span>' })).toBe(true);
});

it('every tool is within reach on a small screen, in a deep answer and with large text', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One' }, { body: 'Two', parent: 0 }, { body: 'Three', parent: 1 }]);
  for (const size of ['100%', '200%']) {
    const { page } = await world.readers.open(
      world.article({ thread, head: `<style>html{font-size:${size}}</style>` }),
      {
        viewport: { width: 320, height: 800 },
      },
    );
    await hasStatus(page, 'live');
    await page.getByRole('button', { name: 'Reply', exact: true }).last().click();
    await page.getByRole('toolbar').waitFor();
    const hidden: string[] = [];
    for (const lang of ['en', 'de', 'ru', 'uk', 'ja', 'ar']) {
      await page.evaluate((to) => document.querySelector('afterword-discussion')!.setAttribute('lang', to), lang);
      await page.locator(`section[lang="${lang}"]`).waitFor();
      const out = await page.getByRole('form').evaluate((form) => {
        const root = form.getRootNode() as ShadowRoot;
        return [...form.querySelectorAll<HTMLElement>('.tool, .preview-toggle, .post')]
          .filter((tool) => {
            tool.scrollIntoView({ block: 'center' });
            const { x, y, width, height } = tool.getBoundingClientRect();
            const middle = [x + width / 2, y + height / 2] as const;
            const isSeen = tool.contains(root.elementFromPoint(...middle));
            return !isSeen || width < 24 || height < 24 || x < 0 || x + width > innerWidth;
          })
          .map((tool) => tool.className);
      });
      hidden.push(...out.map((tool) => `${size} ${lang} ${tool}`));
    }
    expect(hidden).toEqual([]);
  }
});

it('loses no word of what word processors, mails and pages put on the clipboard', async () => {
  const page = await writer();
  const item = (level: number, sign: string, text: string): string =>
    `<p class=MsoListParagraph style='margin-left:36pt;mso-list:l0 level${level} lfo1'><![if !supportLists]><span
      style='mso-list:Ignore'>${sign}<span style='font:7pt "Times New Roman"'>&nbsp; </span></span><![endif]>${text}</p>`;
  const docs = (text: string, style: string): string => `<span style="font-size:11pt;${style}">${text}</span>`;
  const pasted: [html: string, markdown: string][] = [
    // Word
    [
      `<p class=MsoNormal><b style='mso-bidi-font-weight:normal'>Bold</b> words<o:p></o:p></p>
       ${item(1, '·', 'First')}${item(2, 'o', 'Inside')}${item(1, '·', '<i>Second</i>')}<p class=MsoNormal>After</p>`,
      '**Bold** words\n\n- First\n   - Inside\n- *Second*\n\nAfter',
    ],
    [`${item(1, '3.', 'Three')}${item(1, '4.', 'Four')}`, '3. Three\n4. Four'],
    // Google Docs
    [
      `<b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr">${docs('Plain, ', 'font-weight:400')}${docs('bo', 'font-weight:700')}${docs('ld', 'font-weight:700')}${docs(' and ', 'font-weight:400')}${docs('slanted', 'font-weight:400;font-style:italic')}</p>
       <ul><li dir="ltr" aria-level="1"><p>${docs('One', '')}</p></li><ul><li aria-level="2"><p>${docs('Deep', '')}</p></li></ul><li><p>${docs('Two', '')}</p></li></ul></b>`,
      'Plain, **bold** and *slanted*\n\n- One\n  - Deep\n- Two',
    ],
    // A page with a table, pictures and a list without items
    ['<table><tr><th>Name<th>Age<tr><td>Ana<td><b>7</b></table>', 'Name | Age\nAna | **7**'],
    [
      '<p><a href="https://example.org">link</a><img src=x alt="a cat">there</p>',
      '[link](https://example.org) a cat there',
    ],
    ['<ul>loose<ul><li>deep</ul></ul>', '- loose\n  - deep'],
    // Slack and mails
    ['<table><tr><td><table><tr><td><p>Dear <b>all</b></p><p>Bye</p></table></table>', 'Dear **all**\n\nBye'],
    ['<div><b>Hi</b><br>there</div><div>You</div>', '**Hi**\nthere\n\nYou'],
    [
      '<strong><em>Both</em></strong> and <span style="text-decoration: line-through;"><b>gone</b></span>',
      '***Both*** and ~~**gone**~~',
    ],
  ];
  for (const [html, markdown] of pasted) {
    await box(page).fill('');
    await paste(page, { 'text/plain': 'x', 'text/html': html });
    expect(await box(page).inputValue()).toBe(markdown);
  }
  // Much of it is quick.
  await box(page).fill('');
  const started = Date.now();
  await paste(page, { 'text/plain': 'x', 'text/html': `<p>${'<b>word</b> and <i>word</i> '.repeat(2_000)}</p>` });
  expect(await box(page).inputValue()).toHaveLength('**word** and *word* '.length * 2_000 - 1);
  expect(Date.now() - started).toBeLessThan(2_000);
});

it('loses no word of any nest of elements', async () => {
  const page = await writer();
  const tags = 'p div ul ol li table tr td b i s span a blockquote h2 section dl dd'.split(' ');
  let seed = 7;
  const below = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;
  let words = 0;
  const nest = (depth: number): string =>
    Array.from({ length: 1 + below(3) }, () => {
      const tag = tags[below(tags.length)]!;
      return depth && below(4) ? `<${tag}>${nest(depth - 1)}</${tag}>` : ` word${words++}x `;
    }).join('');
  for (let document = 0; document < 150; document++) {
    const [first, html] = [words, `<b>rich</b>${nest(5)}`];
    await box(page).fill('');
    await paste(page, { 'text/plain': 'x', 'text/html': html });
    const text = await box(page).inputValue();
    const lost = Array.from({ length: words - first }, (_, n) => `word${first + n}x`).filter(
      (word) => !text.includes(word),
    );
    expect(lost, html).toEqual([]);
  }
});

it('shows exactly what will be shown, and goes back to the text', async () => {
  const page = await writer();
  await page.keyboard.type('**Hi** <b>there</b> [you](https://example.org)');
  await button(page, 'Preview').click();
  const preview = page.locator('.preview.body');
  await preview.waitFor();
  const html = await preview.innerHTML();
  await button(page, 'Preview').click();
  expect(await box(page).isVisible()).toBe(true);
  await post(page, await box(page).inputValue(), 'Ana');
  const shown = page.getByRole('article').filter({ hasText: 'there' }).locator('.body strong');
  await shown.waitFor();
  expect(await shown.locator('..').locator('..').innerHTML()).toBe(html);
});

it('completes people and emoji by keyboard, and says which is chosen', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Hello' }], 'Ana Lima');
  await world.write(thread, [{ body: 'Hello too' }], 'Anatol');
  const page = await writer(thread);
  await page.keyboard.type('Hi @an');
  const options = page.getByRole('listbox', { name: 'People here' }).getByRole('option');
  expect(await options.allTextContents().then((all) => all.map((text) => text.trim()))).toEqual(['Anatol', 'Ana Lima']);
  await page.keyboard.press('ArrowDown');
  const active = await box(page).getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('Enter');
  await page.keyboard.type('and :tada: :rock');
  await page.getByRole('listbox', { name: 'Emoji' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await box(page).inputValue()).toBe('Hi @Ana Lima and 🎉 🚀 ');
  await post(page, await box(page).inputValue(), 'Ben');
  await page.getByRole('article').locator('bdi', { hasText: '@Ana Lima' }).waitFor();
});

it('quotes what was selected in the reply that is answered', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One thing.\n\nAnother thing to say.' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByText('Another thing to say.').selectText();
  await page.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
  await expect.poll(() => box(page).inputValue()).toBe('> Another thing to say.\n\n');
});

it('tells who answered meanwhile, and that what is answered was changed, before it is sent', async () => {
  const thread = newId();
  const [id] = await world.write(thread, [{ body: 'A claim' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await page.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
  await page.getByRole('toolbar').waitFor();
  await page.keyboard.type('I doubt');
  await world.answer(thread, id!, 'Me too', 'Cleo');
  await page.getByText('1 person answered this while you wrote.').waitFor();
  await page.keyboard.type(' it');
  expect(await box(page).inputValue()).toBe('I doubt it');

  const { service, store } = world.app;
  const row = (await store.reply(id!))!;
  const author = (await store.author(row.authorId))!;
  const site = (await store.site(author.siteId))!;
  await service.replies.edit({ author, site }, { id: id!, body: 'Another claim', base: 1 });
  await page.getByText('Another claim').waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await page.keyboard.press('Tab');
  await button(page, 'Post reply').click();
  // Said first; the second press sends.
  await page.getByText('What you answer was changed since you began.').waitFor();
  expect(await box(page).inputValue()).toBe('I doubt it');
  await button(page, 'Post reply').click();
  await page.getByRole('article').filter({ hasText: 'I doubt it' }).waitFor();
  await expect
    .poll(
      async () =>
        (await store.page((await store.reply(id!))!.threadId, { parentId: id!, sort: 'newest', after: null, limit: 1 }))
          .rows[0]?.answers,
    )
    .toBe(2);
});

it('shows both texts where an own reply was changed in another tab, and saves the one that is chosen', async () => {
  const thread = newId();
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await post(page, 'first', 'Ana');
  const own = page.getByRole('article').filter({ hasText: 'first' });
  await own.getByRole('button', { name: 'Edit' }).click();
  await expect.poll(() => box(page).inputValue()).toBe('first');
  await box(page).fill('mine');

  const other = await page.context().newPage();
  await other.goto(page.url());
  await hasStatus(other, 'live');
  await other.getByRole('article').getByRole('button', { name: 'Edit' }).click();
  // What is being written there is a draft of this browser.
  await expect.poll(() => box(other).inputValue()).toBe('mine');
  await box(other).fill('theirs');
  await button(other, 'Save changes').click();
  await other.getByRole('article').filter({ hasText: 'theirs' }).waitFor();
  await other.close();

  await button(page, 'Save changes').click();
  await page.getByRole('heading', { name: 'As it is now' }).waitFor();
  expect(await page.locator('.theirs pre').textContent()).toBe('theirs');
  expect(await box(page).inputValue()).toBe('mine');
  await button(page, 'Keep mine').click();
  await button(page, 'Save changes').click();
  await page.getByRole('article').filter({ hasText: 'mine' }).waitFor();
});

it('counts near the limit, and says by how much it is over', async () => {
  const page = await writer();
  await box(page).fill('a'.repeat(9_500));
  await page.getByText('500 characters left').waitFor();
  await box(page).fill('a'.repeat(10_001));
  await page.getByText('1 character too long').waitFor();
  // Once, also when it is sent all the same; and again by the counter when it is changed.
  await page.getByRole('button', { name: 'Post reply' }).click();
  const alert = page.getByRole('alert').filter({ hasText: '1 character too long' });
  await alert.waitFor();
  expect(await page.getByText('1 character too long').count()).toBe(1);
  await box(page).fill('a'.repeat(10_002));
  await page.getByText('2 characters too long').waitFor();
  expect(await alert.count()).toBe(0);
});

it('quotes what is selected by its own button, also into an answer that was begun, and by key', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'One thing.\n\nAnother thing to say.' }, { body: 'Whole.\n\n```\ncode\n```' }]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const article = (text: string) => page.getByRole('article').filter({ hasText: text });
  const quote = article('One thing.').getByRole('button', { name: 'Quote', exact: true });
  const line = article('One thing.').locator('.actions');
  await line.locator('.votes').waitFor();
  const before = await line.boundingBox();
  await page.getByText('Another thing to say.').dblclick({ position: { x: 10, y: 10 } });
  await quote.waitFor();
  // Over the line, so that nothing in sight moves for it.
  expect(await line.boundingBox()).toEqual(before);
  await quote.click();
  await expect.poll(() => box(page).inputValue()).toBe('> Another\n\n');
  await page.keyboard.type('Indeed.');
  await page.getByText('One thing.').dblclick({ position: { x: 10, y: 10 } });
  await quote.click();
  await expect.poll(() => box(page).inputValue()).toBe('> Another\n\nIndeed.\n\n> One\n\n');
  expect(await quote.count()).toBe(0);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.node > afterword-composer').count()).toBe(0);

  // By keyboard, where nothing is selected: all of it, and nothing that is only a button.
  await article('Whole.').focus();
  await page.keyboard.press('q');
  await expect.poll(() => box(page).inputValue()).toBe('> Whole.\n>\n> ```\n> code\n> ```\n\n');
});

it('quotes bold words, links, code and lists as what they are', async () => {
  const thread = newId();
  await world.write(thread, [
    {
      body: 'Some **bold words** and a [link](https://example.org/a).\n\n- one `thing`\n- another\n\nThe *end* of it.',
    },
  ]);
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  const article = page.getByRole('article');
  const quote = article.getByRole('button', { name: 'Quote', exact: true });
  await article.locator('.votes').waitFor();
  // A word of what is bold.
  await page.getByText('bold words').dblclick({ position: { x: 5, y: 5 } });
  await quote.click();
  await expect.poll(() => box(page).inputValue()).toBe('> **bold**\n\n');
  await box(page).fill('');
  // From one paragraph into the next ones.
  await article.locator('.body').evaluate((body) => {
    const [from, to] = [body.querySelector('p')!.firstChild!, body.querySelector('em')!.firstChild!];
    (body.getRootNode() as unknown as Document).getSelection!()!.setBaseAndExtent(from, 0, to, 3);
  });
  await quote.click();
  await expect
    .poll(() => box(page).inputValue())
    .toBe(
      '> Some **bold words** and a [link](https://example.org/a).\n>\n> - one `thing`\n> - another\n>\n> The *end*\n\n',
    );
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await box(page).press('ControlOrMeta+End');
  await page.keyboard.type('Well said.');
  await page.getByRole('button', { name: 'Post reply' }).click();
  const posted = page.getByRole('article').filter({ hasText: 'Well said.' });
  await posted.locator('blockquote').locator('strong', { hasText: 'bold words' }).waitFor();
  expect(await posted.locator('blockquote li').count()).toBe(2);
});

it('goes on in the text when what others answered meanwhile is shown', async () => {
  const thread = newId();
  const [id] = await world.write(thread, [{ body: 'A claim' }]);
  const { page } = await world.readers.open(world.article({ thread, attributes: 'data-pace="hold"' }));
  await hasStatus(page, 'live');
  await page.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
  await page.getByRole('toolbar').waitFor();
  await page.keyboard.type('I doubt');
  await world.answer(thread, id!, 'Me too', 'Cleo');
  await page.getByText('1 person answered this while you wrote.').getByRole('button', { name: 'Show' }).click();
  await page.getByRole('article').filter({ hasText: 'Me too' }).waitFor();
  await page.keyboard.type(' it');
  expect(await box(page).inputValue()).toBe('I doubt it');
});
