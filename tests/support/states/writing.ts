// Taking part: choosing, writing, changing, and what comes in between.
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { BODY_MAX } from '../../../shared/limits.js';
import { hasStatus } from '../widget.js';
import { acting, actorOf, part, reply, root, send, type Scene, type State } from './scene.js';

const noise = /WebSocket|INTERNET_DISCONNECTED|Failed to load/;

async function openForm({ page }: Scene): Promise<void> {
  await part(page, 'text').focus();
  await part(page, 'toolbar').waitFor();
}

/** Answers the second reply of the talk. */
async function answer(scene: Scene, body: string): Promise<void> {
  const { page, ids } = scene;
  await acting(page);
  await reply(page, ids[1]!).locator('[part~="actions"] button').first().click();
  await part(page, 'toolbar').waitFor();
  await part(page, 'text').fill(body);
}

/** With a name, which the first vote asks for. */
async function vote(scene: Scene, id: string): Promise<void> {
  const { page } = scene;
  await acting(page);
  await reply(page, id).locator('[part~="vote"]').first().click();
  await part(page, 'naming').locator('input').fill('Ana');
  await part(page, 'naming').locator('input').press('Enter');
  await reply(page, id).locator('[part~="vote"][aria-pressed="true"]').waitFor();
  await part(page, 'naming').waitFor({ state: 'detached' });
}

const picker = (page: Scene['page'], id: string) => reply(page, id).locator('.votes ~ button.icon');

async function react(scene: Scene, id: string, which: number): Promise<void> {
  await picker(scene.page, id).click();
  await part(scene.page, 'choice').nth(which).click();
  await reply(scene.page, id).locator('[part~="reaction"]').nth(which).waitFor();
}

/** Until its text stands in the form. */
async function edit(own: Locator): Promise<void> {
  const page = own.page();
  await own.locator('.edit').click();
  await root(page).locator('article [part~="toolbar"]').waitFor();
  await expect.poll(() => root(page).locator('article textarea').inputValue()).not.toBe('');
}

export const WRITING: readonly State[] = [
  {
    name: 'votes and reactions',
    act: async (scene) => {
      await vote(scene, scene.ids[0]!);
      for (const which of [0, 1, 2]) await react(scene, scene.ids[0]!, which);
    },
  },
  {
    name: 'votes up and down',
    attributes: 'data-votes="updown"',
    act: ({ page }) => part(page, 'vote').nth(1).waitFor(),
  },
  {
    name: 'a vote asks for a name',
    act: async ({ page, ids }) => {
      await acting(page);
      await reply(page, ids[0]!).locator('[part~="vote"]').first().click();
      await part(page, 'naming').locator('input').waitFor();
    },
  },
  {
    name: 'choosing a reaction',
    act: async ({ page, ids }) => {
      await acting(page);
      await picker(page, ids[0]!).click();
      await part(page, 'choice').first().waitFor();
    },
  },
  {
    name: 'reporting',
    act: async ({ page, ids }) => {
      await acting(page);
      await reply(page, ids[0]!).locator('button.report').click();
      await part(page, 'pop').locator('form').waitFor();
    },
  },
  {
    name: 'own reply and its tools',
    act: async ({ page }) => (await send(page, 'My own words')).locator('.remove').waitFor(),
  },
  {
    name: 'removed, with the way back',
    act: async ({ page }) => {
      await (await send(page, 'My own words')).locator('.remove').click();
      await root(page).locator('.undo').waitFor();
    },
  },
  {
    name: 'earlier texts',
    act: async ({ page }) => {
      await edit(await send(page, 'My first words'));
      await root(page).locator('article textarea').fill('My second words');
      await root(page).locator('article [part~="post"]').click();
      await part(page, 'edited').locator('button').click();
      await root(page).locator('.history').waitFor();
    },
  },
  {
    name: 'writing',
    act: async (scene) => {
      await openForm(scene);
      const box = part(scene.page, 'text');
      await box.fill('Some **words** and :smil');
      await box.press('End');
      await box.press('e');
      await part(scene.page, 'option').first().waitFor();
    },
  },
  {
    name: 'naming somebody',
    act: async (scene) => {
      await openForm(scene);
      await part(scene.page, 'text').pressSequentially('Hello @A');
      await part(scene.page, 'option').first().waitFor();
    },
  },
  {
    name: 'somebody was named',
    act: async ({ page }) => {
      await send(page, 'Hello @Ana', 'Ben');
      await part(page, 'mention').waitFor();
    },
  },
  {
    name: 'preview',
    act: async (scene) => {
      await openForm(scene);
      await part(scene.page, 'text').fill('Some **words**, a [link](https://example.org)\n\n- and a list');
      await root(scene.page).locator('.preview-toggle').click();
      await part(scene.page, 'preview').waitFor();
    },
  },
  { name: 'answering', act: (scene) => answer(scene, 'I doubt it') },
  {
    name: 'nearly too long',
    act: async (scene) => {
      await openForm(scene);
      await part(scene.page, 'text').fill('word '.repeat(BODY_MAX / 5 - 20));
      await root(scene.page).locator('.count').waitFor();
    },
  },
  {
    name: 'what is missing',
    act: async (scene) => {
      await openForm(scene);
      await part(scene.page, 'text').fill('Words without a name');
      await part(scene.page, 'post').click();
      await root(scene.page).locator('[aria-invalid="true"]').waitFor();
    },
  },
  {
    name: 'answered meanwhile',
    act: async (scene) => {
      await answer(scene, 'I doubt it');
      await scene.world.answer(scene.thread, scene.ids[1]!, 'Me too', 'Cleo');
      await root(scene.page).locator('form [part~="hint"][role="status"]:not([id])').waitFor();
    },
  },
  {
    name: 'what is answered was changed',
    act: async (scene) => {
      const { page, world, ids } = scene;
      await answer(scene, 'I doubt it');
      await world.app.service.replies.edit(await actorOf(world, ids[1]!), {
        id: ids[1]!,
        body: 'Another claim',
        base: 1,
      });
      await root(page).locator('form [part~="problem"][role="alert"]:not([id])').waitFor();
    },
  },
  {
    name: 'what is answered was removed',
    act: async (scene) => {
      const { page, world, ids } = scene;
      await answer(scene, 'I doubt it');
      await world.app.service.replies.remove(await actorOf(world, ids[1]!), { id: ids[1]! });
      await root(page).locator('.instead').waitFor();
    },
  },
  {
    name: 'editing',
    act: async ({ page }) => {
      await edit(await send(page, 'My own words'));
    },
  },
  {
    name: 'two texts at once',
    act: async ({ page }) => {
      await edit(await send(page, 'What I wrote first'));
      const other = await page.context().newPage();
      await other.goto(page.url());
      await hasStatus(other, 'live');
      await edit(
        root(other)
          .locator('article', { has: other.locator('.edit') })
          .last(),
      );
      await root(other).locator('article textarea').fill('What stands there now');
      await root(other).locator('article [part~="post"]').click();
      await root(other).locator('article textarea').waitFor({ state: 'detached' });
      await other.close();
      await root(page).locator('article textarea').fill('What I would rather say');
      await root(page).locator('article [part~="post"]').click();
      await part(page, 'conflict').waitFor();
    },
  },
  {
    name: 'offline with a reply that waits',
    allow: [noise],
    act: async (scene) => {
      const { page } = scene;
      await openForm(scene);
      await page.context().setOffline(true);
      await root(page).and(page.locator('[status=offline]')).waitFor();
      await part(page, 'name').fill('Ana');
      await part(page, 'text').fill('Written on a train');
      await part(page, 'post').click();
      await root(page).locator('.pending').waitFor();
    },
  },
  {
    name: 'a reply that could not be sent',
    act: async (scene) => {
      const { page, world, thread } = scene;
      await acting(page);
      await openForm(scene);
      await part(page, 'name').fill('Ben');
      await part(page, 'text').fill('Too late');
      await world.app.database.sql`update threads set state = 'closed' where key = ${thread}`;
      await part(page, 'post').click();
      await root(page).locator('.pending [part~="problem"]').waitFor();
    },
  },
];
