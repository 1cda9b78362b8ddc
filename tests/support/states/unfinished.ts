// What a reader began and did not bring to its end: texts that wait, and replies on their way.
import { hasStatus } from '../widget.js';
import { acting, part, reply, root, type Scene, type State } from './scene.js';

const noise = /WebSocket|INTERNET_DISCONNECTED|Failed to load/;

async function begin({ page, ids }: Scene, which: number, body: string): Promise<void> {
  await acting(page);
  await reply(page, ids[which]!).locator('[part~="actions"] > button').first().click();
  await part(page, 'toolbar').waitFor();
  await part(page, 'text').fill(body);
}

async function goOffline({ page }: Scene): Promise<void> {
  await page.context().setOffline(true);
  await root(page).and(page.locator('[status=offline]')).waitFor();
}

async function post({ page }: Scene, body: string): Promise<void> {
  await part(page, 'name').fill('Ana');
  await part(page, 'text').fill(body);
  await part(page, 'post').click();
}

export const UNFINISHED: readonly State[] = [
  {
    name: 'replies that wait and a draft',
    allow: [noise],
    act: async (scene) => {
      const { page } = scene;
      await begin(scene, 0, 'Half a thought');
      await page.keyboard.press('Escape');
      await root(page).locator('.draft').waitFor();
      await part(page, 'text').focus();
      // The longest wait that there can be.
      await page.evaluate(() => (Math.random = () => 0.999));
      await goOffline(scene);
      for (const text of ['Written on a train', 'And in a tunnel']) await post(scene, text);
      await part(page, 'text').fill('A third one, not yet sent');
      await root(page).locator('.pending').nth(1).waitFor();
      await root(page).locator('.next').waitFor({ timeout: 30_000 });
    },
  },
  {
    name: 'a reply that failed, and what it answers is gone',
    allow: [noise],
    act: async (scene) => {
      const { page, world, ids } = scene;
      await begin(scene, 5, 'An answer to it');
      await goOffline(scene);
      await post(scene, 'An answer to it');
      await begin(scene, 3, 'Another answer');
      await world.change(ids[5]!, null);
      await world.change(ids[3]!, null);
      await page.context().setOffline(false);
      await root(page).locator('.instead').first().waitFor();
      await root(page).locator('.pending [part~="problem"]').waitFor();
    },
  },
  {
    name: 'two texts for one place',
    act: async (scene) => {
      const { page } = scene;
      const other = await page.context().newPage();
      await other.goto(page.url());
      await hasStatus(other, 'live');
      await begin(scene, 0, '');
      await begin({ ...scene, page: other }, 0, '');
      await part(page, 'text').fill('As I see it here');
      await part(other, 'text').fill('As I see it there');
      const told = root(page).locator('.other button').first();
      const isTold = () =>
        told.waitFor({ timeout: 1_000 }).then(
          () => true,
          () => false,
        );
      // Tabs that write in the same moment learn of each other with the next key.
      for (let keys = 0; keys < 9 && !(await isTold()); keys++) await part(page, 'text').press('Space');
      await told.click();
      await root(page).locator('.other pre').waitFor();
    },
  },
  {
    name: 'closed while somebody writes',
    act: async ({ page, world, thread }) => {
      await acting(page);
      await part(page, 'text').fill('Words that are not sent yet');
      await part(page, 'toolbar').waitFor();
      await part(page, 'name').fill('Ana');
      await world.setState(thread, 'closed');
      await part(page, 'note').waitFor();
      await part(page, 'post').click();
      await root(page).locator('[aria-invalid="true"]').waitFor();
    },
  },
  {
    name: 'a selection to quote',
    act: async ({ page, ids }) => {
      await acting(page);
      await reply(page, ids[0]!).locator('[part~="body"] p').first().selectText();
      await root(page).evaluate((host) => host.shadowRoot!.dispatchEvent(new Event('selectstart')));
      await root(page).locator('.quoting').waitFor();
    },
  },
];
