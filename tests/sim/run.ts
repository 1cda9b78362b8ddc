// Runs one seed. All chance and all time of the widget, the server and the world come from it.
import { vi } from 'vitest';
import type { Reply } from '../../shared/views.js';
import { happen } from './happenings.js';
import { judge } from './judge.js';
import { World, type Kind } from './world.js';

export interface Outcome {
  faults: string[];
  /** What the seed brought about: to see that the simulation is about something. */
  replies: number;
  acknowledged: number;
  /** How often what was in sight beyond a snapshot stayed there. */
  stayed: number;
  /** Everything that was ever written, in the order of its last change. */
  rows: Reply[];
}

export async function runSeed(seed: number, kind?: Kind): Promise<Outcome> {
  const world = new World(seed, kind);
  const { clock, random } = world;
  const spies = [
    vi.spyOn(Math, 'random').mockImplementation(random.next),
    vi.spyOn(Date, 'now').mockImplementation(clock.now),
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      const bytes = new Uint8Array((array as Uint8Array).buffer);
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
      return array;
    }),
  ];
  try {
    await world.begin();
    const happenings = 20 + random.below(100);
    for (let i = 0; i < happenings && world.faults.length === 0; i++) {
      await clock.pass(random.below(random.chance(0.1) ? 8_000 : 800));
      happen(world);
      random.pick(world.readers)!.checkOwn();
    }
    // Bad lines in a quiet thread: the last delta may be lost, and none comes after it.
    if (random.chance(0.5)) await clock.pass(random.below(10_000));
    const faults = world.faults.length > 0 ? world.faults : await judge(world);
    return {
      faults,
      replies: world.history.head,
      acknowledged: world.acknowledged.size,
      stayed: world.readers.reduce((sum, { stayed }) => sum + stayed, 0),
      rows: [...world.history.rows.values()],
    };
  } finally {
    world.end();
    for (const spy of spies) spy.mockRestore();
  }
}
