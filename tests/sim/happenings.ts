// What people, networks and machines do in a simulation: each happening is one step, chosen by weight.
import { newId } from '../../shared/ids.js';
import type { Reply } from '../../shared/views.js';
import { nodesOf, type Reader } from './reader.js';
import type { World } from './world.js';

type Happening = (world: World, reader: Reader) => void;

/** How often, of a hundred or so. */
const HAPPENINGS: readonly [number, Happening][] = [
  [22, (world, reader) => post(world, reader, null)],
  [22, (world, reader) => post(world, reader, someReply(world, reader)?.id ?? null)],
  [6, edit],
  [4, (world, reader) => own(world, reader, (reply) => reader.live.change('reply:remove', { id: reply.id }))],
  [6, (world, reader) => vote(world, reader)],
  [4, more],
  [12, moreWhileWritten],
  [5, (_, reader) => reader.state.reveal()],
  [3, (world, reader) => reader.openRest(() => world.snapshot())],
  [2, resend],
  [3, (world, reader) => reader.reload(world.firstPaint())],
  [6, (_, reader) => reader.line.break()],
  [3, hide],
  [2, closeAndOpen],
  [2, (world) => replaceNode(world, 'crash')],
  [1, (world) => replaceNode(world, 'crash silently')],
  [2, (world) => replaceNode(world, 'drain')],
  [3, takeOff],
  [1, (world) => world.store.renewEpoch(world.threadId, newId())],
  [3, (world) => void world.cache()],
];
/** Where it is about what readers choose. */
const CHOOSING: readonly [number, Happening][] = [
  ...HAPPENINGS,
  [14, (world, reader) => vote(world, reader)],
  [3, takeAway],
  [3, bringBack],
  [6, locate],
];

/** Where it is about readers who count. */
const COUNTING: readonly [number, Happening][] = [
  ...HAPPENINGS,
  [30, (world, reader) => post(world, reader, someReply(world, reader)?.id ?? null)],
  [12, (_, reader) => reader.count()],
  [6, (_, reader) => reader.share()],
  [4, takeAway],
  [6, bringBack],
  [4, locate],
  [6, (_, reader) => reader.pause()],
];

/** Where readers have read far, and miss much. */
const FAR: readonly [number, Happening][] = [
  [12, (world, reader) => void readOn(world, reader)],
  [12, away],
  [5, find],
];

/** Lets one thing happen to one reader, or to the world. */
export function happen(world: World): void {
  const reader = world.random.pick(world.readers)!;
  const beside = world.choosing ? CHOOSING : world.counting ? COUNTING : HAPPENINGS;
  const happenings = world.far ? [...beside, ...FAR] : beside;
  let left = world.random.below(happenings.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, happening] of happenings) {
    left -= weight;
    if (left < 0) return happening(world, reader);
  }
}

/** A burst now and then, so that more waits than may be in flight. */
function post(world: World, reader: Reader, parent: string | null): void {
  const times = world.random.chance(0.1) ? 6 : 1;
  for (let i = 0; i < times; i++) {
    const body = `words ${world.posted.length}.`;
    world.posted.push(body);
    reader.live.post({ parent, body });
  }
}

function edit(world: World, reader: Reader): void {
  own(world, reader, (reply) =>
    reader.live.change('reply:edit', { id: reply.id, body: `edited ${world.random.below(1_000)}.`, base: reply.rev }),
  );
}

function vote(world: World, reader: Reader, reply = someReply(world, reader)): void {
  if (reply && world.choosing) {
    const what = world.random.pick(['', '👍', '🎉'])!;
    return reader.chooser!.press(reply, what, what || world.random.chance(0.5) ? 1 : -1);
  }
  const value = world.random.pick([-1, 0, 1] as const)!;
  if (reply) void reader.line.request('reply:vote', { id: reply.id, value });
}

function takeAway(world: World, reader: Reader): void {
  own(world, reader, ({ id }) => {
    world.takenAway.add(id);
    return reader.live.change('reply:remove', { id });
  });
}

/** Whoever took it away; of anybody else it is refused. */
function bringBack(world: World, reader: Reader): void {
  for (const id of world.takenAway) {
    if (world.random.chance(0.5)) void reader.live.change('reply:restore', { id });
  }
}

function locate(world: World, reader: Reader): void {
  const id = world.random.pick([...world.history.rows.keys()]);
  if (id === undefined) return;
  void reader.live.read('thread:locate', { id, sort: reader.state.sort }).then((answer) => {
    // What was found is shown.
    if (answer.ok) reader.state.reveal(answer.data.replies.map((reply) => reply.id));
  });
}

function more(world: World, reader: Reader): void {
  const level = world.random.pick([...(reader.state.held?.levels.keys() ?? [])]);
  if (level !== undefined) void reader.more(level || null);
}

/** Page after page, as long as there are any. */
async function readOn(world: World, reader: Reader): Promise<void> {
  const { live } = reader;
  for (let pages = 1 + world.random.below(6); pages > 0 && reader.live === live; pages--) {
    const level = world.random.pick([...(reader.state.held?.levels.keys() ?? [])]);
    if (level !== undefined) await reader.more(level || null);
  }
}

/** The line is lost, and lost again, while others write, change and take away what stands there. */
function away(world: World, reader: Reader): void {
  const { random, clock, readers } = world;
  reader.line.break();
  for (let times = random.below(5); times > 0; times--)
    clock.setTimeout(() => reader.line.break(), random.below(4_000));
  const others = readers.filter((other) => other !== reader);
  for (let times = 4 + random.below(16); times > 0; times--) {
    clock.setTimeout(() => {
      const other = random.pick(others)!;
      const [way, reply] = [random.below(10), someReply(world, other)];
      if (way < 3) post(world, other, reply?.id ?? null);
      else if (way < 4) post(world, other, null);
      else if (way < 5) edit(world, other);
      else if (way < 6) takeAway(world, other);
      else vote(world, other, reply);
    }, random.below(3_000));
  }
}

/** One is looked for and shown where it stands, whether or not its page is there. */
function find(world: World, reader: Reader): void {
  const id = world.random.pick([...world.history.rows.keys()]);
  if (id !== undefined) void reader.find(id);
}

/** A page is asked for while others write to what stands on it. */
function moreWhileWritten(world: World, reader: Reader): void {
  const { random, clock } = world;
  for (const other of world.readers) {
    const nodes = nodesOf(other.state).filter(({ pending, reply }) => !pending && !reader.state.get(reply.id));
    const reply = random.pick(nodes)?.reply;
    if (!reply || reply.state === 'removed') continue;
    if (random.chance(0.5)) clock.setTimeout(() => post(world, other, reply.id), random.below(400));
    else vote(world, other, reply);
  }
  more(world, reader);
}

/** What failed is sent again or taken back. */
function resend(world: World, reader: Reader): void {
  for (const { id, state, body } of reader.state.pending) {
    if (state !== 'failed') continue;
    if (world.random.chance(0.5)) reader.live.outbox.retry(id);
    else if (reader.live.outbox.discard(id) === body) world.takenBack.add(body);
  }
}

function hide(world: World, reader: Reader): void {
  reader.live.setVisible(false);
  world.clock.setTimeout(() => reader.live.setVisible(true), world.random.below(60_000));
}

function closeAndOpen(world: World): void {
  const set = (state: 'open' | 'closed'): void => {
    void world.random
      .pick(world.nodes)
      ?.service.threads.setState(world.threadId, state)
      .catch(() => {});
  };
  set('closed');
  world.clock.setTimeout(() => set('open'), world.random.below(5_000));
}

function replaceNode(world: World, how: 'crash' | 'crash silently' | 'drain'): void {
  world.endNode(how);
  world.clock.setTimeout(() => world.startNode(), world.random.below(4_000));
}

function takeOff(world: World): void {
  const tell = world.random.pick(world.nodes)?.takeOff(world.random);
  if (tell) world.clock.setTimeout(tell, world.random.below(2_000));
}

/** A reply that this reader sees and could answer. */
function someReply(world: World, reader: Reader): Reply | undefined {
  const shown = nodesOf(reader.state).filter(({ pending, reply }) => !pending && reply.state === 'published');
  return world.random.pick(shown)?.reply;
}

function own(world: World, reader: Reader, act: (reply: Reply) => unknown): void {
  const me = reader.state.you?.me?.id;
  const mine = nodesOf(reader.state).filter(({ reply }) => reply.author.id === me && reply.state === 'published');
  const found = world.random.pick(mine);
  if (me && found) act(found.reply);
}
