// The widget as a guest in somebody else's page: it obeys the page's rules, leaks nothing in or out, and moves nothing.
import { hkdfSync } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { SECRET } from '../../support/app.js';
import { connectClient } from '../../support/client.js';
import { until } from '../../support/until.js';
import { hasStatus, post, World } from '../../support/widget.js';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterEach(() => world.readers.done());
afterAll(() => world.end());

/** Nothing but what the documents tell an owner to allow. */
function policy(more = ''): Record<string, string> {
  const { server } = world;
  const rules = `default-src 'none'; script-src ${server}; connect-src ${server} ${server.replace('http', 'ws')}; style-src 'none'; img-src data:; ${more}`;
  return { 'content-security-policy': rules };
}

const RULES: readonly [string, string][] = [
  ['a strict content security policy', ''],
  ['Trusted Types', "require-trusted-types-for 'script'"],
  ['a list of Trusted Types policies', "require-trusted-types-for 'script'; trusted-types afterword lit-html"],
];
for (const [what, more] of RULES) {
  it(`[PAGE5] reads, writes and answers under ${what}`, async () => {
    const thread = newId();
    await world.write(thread, [{ body: 'First' }]);
    const { page } = await world.readers.open(world.article({ thread, headers: policy(more) }));
    await hasStatus(page, 'live');
    await page.getByRole('article').getByRole('button', { name: 'Reply' }).click();
    await post(page, 'An **answer**', 'Ana');
    await page.locator('article strong').waitFor();
    await world.write(thread, [{ body: 'Another' }], 'Ben');
    await page.getByRole('button', { name: 'Show 1 new reply' }).click();
    await page.getByText('Another').waitFor();
    const box = page.getByRole('textbox', { name: 'Your reply' });
    await box.focus();
    await page.getByRole('toolbar').waitFor();
    await box.evaluate((node) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/html', '<b>pasted</b>');
      node.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    expect(await box.inputValue()).toBe('**pasted**');
    const avatar = page.locator('article .avatar').first();
    expect(await avatar.evaluate((node) => node.style.getPropertyValue('--_hue'))).toMatch(/^\d+$/);
    expect(await avatar.evaluate((node) => getComputedStyle(node).borderRadius)).toBe('50%');
  });
}

it('works on a plain http page, where crypto.randomUUID is missing', async () => {
  const { page } = await world.readers.open(world.article(), {
    init: () => {
      Object.defineProperty(Crypto.prototype, 'randomUUID', { value: undefined });
      Object.defineProperty(globalThis, 'isSecureContext', { value: false });
    },
  });
  await hasStatus(page, 'live');
  await post(page, 'In the clear', 'Ana');
  await page.getByRole('article').filter({ hasText: 'In the clear' }).getByRole('button', { name: 'Edit' }).waitFor();
});

it('works where storage is forbidden', async () => {
  const { page } = await world.readers.open(world.article(), {
    init: () => {
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('no', 'SecurityError');
        },
      });
    },
  });
  await hasStatus(page, 'live');
  await post(page, 'Nothing kept', 'Ana');
  await page.getByRole('article').filter({ hasText: 'Nothing kept' }).getByRole('button', { name: 'Edit' }).waitFor();
});

it('[PAGE5] the page’s styles don’t leak in and the widget’s don’t leak out', async () => {
  const head =
    '<style>*{color:red!important}p,button,article,h2,textarea{font-size:40px;border:9px solid;text-transform:uppercase}body{text-align:center;text-transform:uppercase;font-style:italic}</style>';
  const thread = newId();
  await world.write(thread, [{ body: 'Calm' }]);
  const { page } = await world.readers.open(world.article({ thread, head }));
  await hasStatus(page, 'live');
  const style = await page.locator('afterword-discussion .body p').evaluate((node) => {
    const { fontSize, borderTopWidth, textAlign, textTransform, fontStyle } = getComputedStyle(node);
    return { fontSize, borderTopWidth, textAlign, textTransform, fontStyle };
  });
  expect(style).toEqual({
    fontSize: '16px',
    borderTopWidth: '0px',
    textAlign: 'start',
    textTransform: 'none',
    fontStyle: 'normal',
  });
  expect(await page.locator('footer p').evaluate((node) => getComputedStyle(node).fontSize)).toBe('40px');
  expect(await page.evaluate(() => document.querySelectorAll('head style, head link[rel=stylesheet]').length)).toBe(1);
});

it('[PAGE5] custom properties and parts dress it', async () => {
  const head =
    '<style>afterword-discussion{--afterword-accent:#a0307f;--afterword-radius:12px;--afterword-font:monospace}afterword-discussion::part(heading){letter-spacing:3px}</style>';
  const { page } = await world.readers.open(world.article({ head }));
  await hasStatus(page, 'live');
  await page.getByRole('textbox', { name: 'Your reply' }).click();
  const send = page.getByRole('button', { name: 'Post reply' });
  const read = (property: string) =>
    send.evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property);
  // What an open form looks like comes when it is first touched.
  await expect.poll(() => read('background-color')).toBe('rgb(160, 48, 127)');
  expect(await read('border-top-left-radius')).toBe('12px');
  expect(await read('font-family')).toBe('monospace, serif');
  expect(await page.locator('h2').evaluate((node) => getComputedStyle(node).letterSpacing)).toBe('3px');
});

it('[PAGE5] corrects an accent that could not be read, on a light page and on a dark one', async () => {
  for (const [background, accent, text] of [
    ['#fff', '#ffe600', '#222'],
    ['#111', '#30106a', '#ddd'],
  ] as const) {
    const head = `<style>body{background:${background};color:${text}}</style>`;
    const { page } = await world.readers.open(world.article({ head, attributes: `data-accent="${accent}"` }));
    await hasStatus(page, 'live');
    const root = page.locator('#root');
    await expect.poll(() => root.evaluate((node) => node.style.getPropertyValue('--_accent'))).toMatch(/^rgb/);
    const { contrast } = await import('../../../widget/theme/contrast.js');
    const numbers = (await root.evaluate((node) => node.style.getPropertyValue('--_accent')))
      .match(/\d+/g)!
      .map((v) => Number(v) / 255);
    const back = background === '#fff' ? 1 : 0x11 / 255;
    expect(contrast([numbers[0]!, numbers[1]!, numbers[2]!, 1], [back, back, back, 1])).toBeGreaterThanOrEqual(4.5);
  }
});

it('light or dark follows the page, not only the system', async () => {
  const scheme = async (head: string, colorScheme: 'light' | 'dark') => {
    const { page } = await world.readers.open(world.article({ head }), { colorScheme });
    await hasStatus(page, 'live');
    const root = page.locator('#root');
    return await root.evaluate((node) => [node.style.colorScheme, node.classList.contains('own')]);
  };
  expect(await scheme('<style>body{background:#fff;color:#000}</style>', 'dark')).toEqual(['light', false]);
  expect(await scheme('<style>body{background:#123;color:#eee}</style>', 'light')).toEqual(['dark', false]);
  expect(await scheme('<meta name="color-scheme" content="light dark">', 'dark')).toEqual(['dark', false]);
  expect(await scheme('<meta name="color-scheme" content="light dark">', 'light')).toEqual(['light', false]);
});

it('[PAGE5] adds nothing to the layout shift of the page', async () => {
  const thread = newId();
  await world.write(
    thread,
    Array.from({ length: 12 }, (_, i) => ({ body: `Reply ${i}. ${'word '.repeat(60)}` })),
  );
  for (const options of [
    { thread, above: 25, y: 10_000 },
    { thread: newId(), above: 1, y: 0 },
  ]) {
    const { page } = await world.readers.open(world.page('<p>soon</p>'), {
      init: () => {
        const shifts: string[] = [];
        Object.assign(globalThis, { shifts });
        type Source = { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly };
        type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: Source[] };
        new PerformanceObserver((list) => {
          for (const { hadRecentInput, value, sources, startTime } of list.getEntries() as Shift[]) {
            const moved = sources.map(({ node, previousRect: a, currentRect: b }) => {
              const { tagName = 'text', className = '' } = (node as Partial<Element> | null) ?? {};
              return `${tagName}.${className} ${a.y}+${a.height} to ${b.y}+${b.height}`;
            });
            if (!hadRecentInput) shifts.push(`${startTime}: ${value}: ${moved.join(', ')}`);
          }
        }).observe({ type: 'layout-shift', buffered: true });
      },
    });
    // Slow enough that the page is painted before the replies come.
    await page.route('**/api/v1/**', async (route) => {
      await new Promise((done) => setTimeout(done, 400));
      await route.continue();
    });
    await page.goto(
      world.article({
        above: options.above,
        place: `<script src="${world.server}/afterword.js" data-site="demo" data-thread="${options.thread}"></script>`,
      }),
    );
    await hasStatus(page, 'live');
    await page.getByRole('textbox', { name: 'Your reply' }).waitFor();
    await page.evaluate((y) => {
      scrollTo(0, y);
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }, options.y);
    // Into an empty one it would come in place, and what stands below would make room.
    if (options.thread === thread) {
      await world.write(thread, [{ body: 'New' }], 'Ben');
      await page.getByRole('button', { name: 'Show 1 new reply' }).waitFor();
    }
    expect(await page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts)).toEqual([]);
  }
});

it('contains zalgo, runaway directions and endless words in their own reply', async () => {
  const thread = newId();
  const zalgo = `Z${'\u0300\u0301\u0302\u0303'.repeat(60)}algo`;
  await world.write(thread, [
    { body: `\u202e${zalgo}` },
    { body: 'x'.repeat(3_000) },
    { body: 'مرحبا بالعالم' },
    { body: 'Plain' },
  ]);
  const { page } = await world.readers.open(world.article({ thread }), { viewport: { width: 320, height: 800 } });
  await hasStatus(page, 'live');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const body = page.locator('article .body');
  const text = (n: number) => body.nth(n).locator('p');
  expect(await body.nth(0).evaluate((node) => getComputedStyle(node).overflow)).toBe('hidden');
  expect(await text(2).evaluate((node) => getComputedStyle(node).direction)).toBe('rtl');
  expect(await text(3).evaluate((node) => getComputedStyle(node).direction)).toBe('ltr');
});

it('[REQ7] keeps the new token that a join brings in the place of an old one, and stays who it was', async () => {
  const thread = newId();
  const { page } = await world.readers.open(world.article({ thread }));
  await hasStatus(page, 'live');
  await post(page, 'Mine', 'Ana');
  await page.getByRole('article').filter({ hasText: 'Mine' }).waitFor();
  const kept = (): Promise<{ key: string; guest: { token: string } }> =>
    page.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => name.includes('guest:'))!;
      return { key, guest: JSON.parse(localStorage.getItem(key)!) as { token: string } };
    });
  await until(async () => (await kept()).guest.token !== null, 'a token to be kept');
  const { key, guest } = await kept();
  const { iss, sub, aud, exp } = decodeJwt(guest.token);
  const aged = await new SignJWT({ iss: iss!, sub: sub!, aud: aud!, exp: exp!, iat: exp! - 400 * 86_400 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new Uint8Array(hkdfSync('sha256', SECRET, '', 'afterword identity token', 32)));
  await page.evaluate(([name, value]) => localStorage.setItem(name, value), [
    key,
    JSON.stringify({ ...guest, token: aged }),
  ] as const);
  await page.reload();
  await hasStatus(page, 'live');
  await until(async () => (await kept()).guest.token !== aged, 'the new token to be kept');
  const again = await connectClient(world.server, { token: (await kept()).guest.token });
  expect((await again.snapshot(thread)).you.me).toMatchObject({ id: sub, name: 'Ana' });
  again.close();
});
