// The end of a simulation: everything is healed, everybody becomes level, and nothing may be missing, doubled or stale.
import { isDeepStrictEqual } from 'node:util';
import { applyPage } from '../../shared/apply.js';
import { fromSnapshot, ROOTS, type Held } from '../../shared/held.js';
import type { Page } from '../../shared/protocol.js';
import type { More, Reply } from '../../shared/views.js';
import { buildTree } from '../../widget/state/tree.js';
import { nodesOf, type Reader } from './reader.js';
import { KEY, SITE, type World } from './world.js';

/** Longest time that healing may take: the longest back-off, a silence, an unanswered join, and some. */
const HEALING_MS = 240_000;
/** A line to a node that died without a word is found dead within this time. */
const QUIET_MS = 50_000;
const STEP_MS = 5_000;

/** Heals the world, waits until everybody is level, loads every page; then finds what is wrong, if anything. */
export async function judge(world: World): Promise<string[]> {
  world.heal();
  for (const reader of world.readers) {
    reader.live.setVisible(true);
    reader.setPaused(false);
    reader.state.change({ shape: buildTree });
  }
  const isLevel = ({ isSettled, state }: Reader): boolean => isSettled && state.held?.cursor.seq === world.history.head;
  // First, what was on its way arrives, and what looks alive and is not is found out.
  await world.clock.pass(QUIET_MS);
  for (let waited = 0; waited < HEALING_MS && !world.readers.every(isLevel); waited += STEP_MS) {
    await world.clock.pass(STEP_MS);
    if (process.env['SIM_DEBUG'])
      console.log(
        waited,
        world.readers
          .map((r) =>
            [r.options.name, r.state.status, r.line.connected, r.state.held?.cursor.seq, r.state.pending.length].join(
              ' ',
            ),
          )
          .join(' | '),
        world.history.head,
      );
  }
  for (const reader of world.readers) judgeCount(world, reader);
  for (const reader of world.readers) await loadAll(world, reader);
  if (process.env['SIM_DEBUG']) console.log('loaded', world.readers.map((r) => r.state.status).join());
  const fresh = await freshReader(world);
  for (const reader of world.readers) judgeReader(world, reader, fresh);
  judgePosts(world);
  for (const reader of world.readers) await judgeChoices(world, reader);
  return world.faults;
}

/** What is left out and can be read is counted once each, whatever came twice, was removed or brought back. */
function judgeCount({ history, faults }: World, { live, state, options }: Reader): void {
  const { held } = state;
  const { rest } = live.feed;
  if (!held || !rest) return;
  const isLeftOut = (row: Reply): boolean =>
    row.state === 'published' && row.born > rest.until && row.born <= held.cursor.seq && !held.rows.has(row.id);
  const expected = [...history.rows.values()].filter(isLeftOut).length;
  if (rest.count !== expected) faults.push(`${options.name} counts ${rest.count} left out, not ${expected}`);
}

async function loadAll(world: World, reader: Reader): Promise<void> {
  reader.openRest(() => world.snapshot());
  await world.clock.pass(2_000);
  for (let pages = 0; pages < 500; pages++) {
    const level = reader.state.held?.levels.keys().next();
    if (!level || level.done) return;
    void reader.more(level.value || null);
    await world.clock.pass(500);
  }
  world.faults.push(`${reader.options.name}: the pages do not end`);
}

/** Everything that somebody who comes now would read: the first page and all others. */
async function freshReader(world: World): Promise<Held> {
  const [node] = world.nodes;
  const { service } = node!;
  const { sort } = world;
  const ask = async <T>(question: Promise<T>): Promise<T> => {
    await world.clock.pass(100);
    return question;
  };
  let held = fromSnapshot(await ask(node!.firstPage(SITE, KEY, sort)));
  const site = (await world.store.site(SITE))!;
  for (let level = first(held); level; level = first(held)) {
    const [key, { after }] = level;
    const parent = key === ROOTS ? null : key;
    const question = service.threads.page({ site, author: null }, { thread: held.thread.id, parent, sort, after });
    held = applyPage(held, parent, (await ask(question)) as Page);
  }
  return held;
}

function first({ levels }: Held): [string, More] | undefined {
  return [...levels][0];
}

function judgeReader(world: World, { state, options, isSettled }: Reader, fresh: Held): void {
  const { held } = state;
  const fault = (what: string): void => void world.faults.push(`${options.name} in the end: ${what}`);
  if (!held) return fault('nothing was ever loaded');
  if (!isSettled) fault(`${state.status}, with ${JSON.stringify(state.pending)}`);
  if (!isDeepStrictEqual(held.cursor, fresh.cursor))
    fault(`at ${JSON.stringify(held.cursor)}, not ${JSON.stringify(fresh.cursor)}`);
  if (!isDeepStrictEqual(held.thread, fresh.thread)) fault(`the thread is ${JSON.stringify(held.thread)}`);
  differences(held.rows, fresh.rows, world.choosing).forEach(fault);
  if (state.count !== held.thread.count + state.pending.filter((entry) => entry.state !== 'failed').length) {
    fault(`counts ${state.count}`);
  }
  judgeTree(world, { state, fault });
}

/** `emptied`: where the last reaction was taken back, an answer to that may have told of an empty list (VIEW10). */
function differences(
  rows: ReadonlyMap<string, Reply>,
  expected: ReadonlyMap<string, Reply>,
  emptied: boolean,
): string[] {
  const seen = (row: Reply): Reply => (emptied ? { ...row, reactions: row.reactions ?? {} } : row);
  const found: string[] = [];
  for (const [id, row] of expected) {
    const held = rows.get(id);
    if (!held) found.push(`reply ${id}, born at ${row.born}, is missing`);
    else if (!isDeepStrictEqual(seen(held), seen(row)))
      found.push(`${JSON.stringify(held)} should be ${JSON.stringify(row)}`);
  }
  for (const id of rows.keys()) if (!expected.has(id)) found.push(`reply ${id} should not be there`);
  return found;
}

/** With everything loaded and revealed, everything that can be read stands in the tree, in its order. */
function judgeTree(world: World, { state, fault }: { state: Reader['state']; fault(what: string): void }): void {
  state.reveal();
  const { held: waiting, more } = state.tree();
  if (waiting.length > 0 || more) fault('something waits though all was revealed and loaded');
  const shown = nodesOf(state).filter(({ pending }) => !pending);
  const ids = new Set(shown.map(({ reply }) => reply.id));
  if (ids.size !== shown.length) fault('something stands in the tree twice');
  const all = world.history.rows;
  const stands = new Set<string>();
  const keepLine = (id: string | null): void => {
    for (let up = all.get(id ?? ''); up; up = all.get(up.parent ?? '')) stands.add(up.id);
  };
  for (const row of all.values()) if (row.state === 'published') keepLine(row.id);
  // What failed stands under what it answers, even if that was removed.
  for (const { parent } of state.pending) keepLine(parent);
  if (!isDeepStrictEqual(ids, stands)) fault(`the tree shows ${ids.size} replies, not ${stands.size}`);
  if (state.sort === 'best') return;
  for (const { children } of [{ children: state.tree().roots }, ...shown]) {
    const born = children.filter(({ pending }) => !pending).map(({ reply }) => reply.born);
    const inOrder = born.toSorted((a, b) => (state.sort === 'newest' ? b - a : a - b));
    if (!isDeepStrictEqual(born, inOrder)) fault(`siblings stand in the order ${born.join(', ')}`);
  }
}

/** What was wished last stands, counts once, and is shown; but for tabs that share a browser, which overrule each other. */
async function judgeChoices({ store, history, readers, sort, faults }: World, reader: Reader): Promise<void> {
  const { state, chooser, wished, options } = reader;
  const me = state.you?.me?.id;
  if (!chooser || me === undefined || readers.some((one) => one !== reader && one.options.keep === options.keep))
    return;
  for (const [key, wish] of wished.last) {
    const [id, what] = key.split(' ') as [string, string];
    const row = history.rows.get(id);
    const shown = state.get(id);
    if (!row || !shown || row.state === 'removed' || wished.refused.has(id)) continue;
    const ids = [id];
    const chosen = what
      ? Number((await store.reactions(me, ids)).get(id)?.includes(what) ?? false)
      : ((await store.votes(me, ids)).get(id) ?? 0);
    const { value, count } = chooser.mine.of(shown, what);
    // In the other orders the first page that was loaded may be of rows that are not on it any more.
    const expected = [wish, sort === 'oldest' ? chosen : value, what ? (row.reactions?.[what] ?? 0) : row.score];
    if (!isDeepStrictEqual([chosen, value, count], expected))
      faults.push(`${options.name} wished ${wish} for ${key}: ${chosen} stands, ${value} is shown, counted ${count}`);
  }
}

/** Every text that was written stands once, or its writer has it back. */
function judgePosts(world: World): void {
  const rows = world.history.rows;
  for (const id of world.acknowledged) if (!rows.has(id)) world.faults.push(`the acknowledged reply ${id} is lost`);
  const kept = new Set(world.readers.flatMap(({ state }) => state.pending.map(({ body }) => body)));
  for (const body of world.posted) {
    const times = world.history.idsWith(`>${body}<`).length;
    if (times > 1) world.faults.push(`"${body}" stands there ${times} times`);
    if (times === 0 && !kept.has(body) && !world.takenBack.has(body)) world.faults.push(`"${body}" is lost`);
  }
}
