// A site of its own with rules of its own, and two guests on it: what tests about rules begin with.
import { STANDARD_RULES } from '../../server/sites/rules.js';
import { newId } from '../../shared/ids.js';
import type { Rules } from '../../shared/views.js';
import type { TestApp } from './app.js';
import { connectGuest } from './client.js';

/** As an owner sets them; the rest is standard. The server knows them within seconds. */
export async function setRules({ database: { sql } }: TestApp, id: string, rules: Partial<Rules>): Promise<void> {
  const all = { ...STANDARD_RULES, ...rules };
  await sql`update sites set votes = ${all.votes}, reactions = ${`{${all.reactions.join()}}`}, presence = ${all.presence},
    edit_window_seconds = ${all.editWindowSeconds}, undo_seconds = ${all.undoSeconds}, typing = ${all.typing}
    where id = ${id}`;
}

/** With a thread that both have open, and a reply of the first guest's. */
export async function siteWith(app: TestApp, rules: Partial<Rules> = {}) {
  const id = `site-${newId().slice(-12)}`;
  await app.database.sql`insert into sites (id, name, origins) values (${id}, ${id}, '{}')`;
  await setRules(app, id, rules);
  const guests = [
    await connectGuest(app.url, 'Cleo', { site: id }),
    await connectGuest(app.url, 'Dara', { site: id }),
  ] as const;
  const key = newId();
  const { thread } = await guests[0].snapshot(key);
  await guests[1].join(key);
  const reply = newId();
  await guests[0].must('reply:create', { thread: thread.id, id: reply, body: 'Hello' });
  return { id, key, thread: thread.id, reply, author: guests[0], other: guests[1] };
}
