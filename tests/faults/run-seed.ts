// One run: a stage, a crowd, a schedule of faults that follows from the seed, and the judgement.
import { Random } from '../sim/random.js';
import type { Program } from '../support/server-process.js';
import { settle } from './aftermath.js';
import { atOnce, faultOf, isPair } from './at-once.js';
import { gather, recover, type Recovery } from './crowd.js';
import { FAULTS } from './faults.js';
import { judge } from './judge.js';
import { openStage } from './stage.js';
import type { StageName } from './stages.js';

/** A fault's end to the next acknowledged reply of every writer, and to every reader; on two busy cores, with room. */
const RECOVERED_WITHIN_MS = 25_000;

/** Of the stage's own part; nothing where there is one node. */
const heard = ({ heardMs }: Recovery): string => (heardMs > 0 ? `, nodes tell each other after ${heardMs} ms` : '');

export interface SeedOptions {
  program: Program;
  stage: StageName;
  seed: number;
  /** Faults of the run, where `only` doesn't name them. */
  count: number;
  only?: readonly string[] | undefined;
  /** Whether two are chosen each time, to happen at once. */
  pairs?: boolean;
  say(line: string): void;
}

export interface SeedOutcome {
  /** The faults that were chosen: to be kept where it found something. */
  schedule: readonly string[];
  problems: string[];
  /** Faults that were to happen and did not, with the reason: there is no such thing here, or this machine forbids it. */
  unsuited: string[];
  forbidden: [fault: string, why: string][];
  /** Deeds of people. */
  acknowledged: number;
  recoveries: ({ fault: string } & Recovery)[];
}

/** Never rejects for what it found: that is in `problems`. */
export async function runSeed({
  program,
  stage: name,
  seed,
  count,
  only,
  pairs,
  say,
}: SeedOptions): Promise<SeedOutcome> {
  const random = new Random(seed);
  const stage = await openStage(name, program, random);
  const suited = Object.keys(FAULTS).filter((what) => !FAULTS[what]!.lacks?.(stage));
  const allowed = suited.filter((what) => !FAULTS[what]!.forbidden?.(stage));
  const choose = (): string => {
    const first = random.pick(allowed)!;
    return pairs ? atOnce(first, random.pick(allowed.filter((second) => isPair(first, second))) ?? first) : first;
  };
  const schedule = only ?? Array.from({ length: count }, choose);
  const outcome: SeedOutcome = { schedule, problems: [], unsuited: [], forbidden: [], acknowledged: 0, recoveries: [] };
  say(`seed ${seed}, ${name}: ${schedule.length} faults`);
  if (!only)
    for (const what of suited.filter((one) => !allowed.includes(one)))
      say(`  ${what}: left out, ${FAULTS[what]!.forbidden!(stage)}`);
  const close: (() => void)[] = [];
  try {
    const before = await Promise.all(stage.nodes.map((node) => node.weigh()));
    const talks = await gather(stage, random);
    for (const { readers, writers } of talks) close.push(...[...readers, ...writers].map((one) => () => one.close()));
    await recover(stage, talks, RECOVERED_WITHIN_MS);
    for (const what of schedule) {
      const fault = faultOf(what, FAULTS);
      if (!fault) throw new Error(`there is no fault "${what}"`);
      const lack = fault.lacks?.(stage) ?? null;
      const ban = fault.forbidden?.(stage) ?? null;
      if (lack !== null) outcome.unsuited.push(`${what}: ${lack}`);
      else if (ban !== null) outcome.forbidden.push([what, ban]);
      if (lack !== null || ban !== null) {
        say(`  ${what}: left out, ${lack ?? ban}`);
        continue;
      }
      await fault.run(stage, random);
      const recovery = await recover(stage, talks, RECOVERED_WITHIN_MS).catch((error: unknown) => {
        throw new Error(`after "${what}": ${String(error)}`);
      });
      outcome.recoveries.push({ fault: what, ...recovery });
      say(
        `  ${what}: written again after ${recovery.writtenMs} ms, read after ${recovery.readMs} ms${heard(recovery)}`,
      );
    }
    await Promise.all(talks.flatMap(({ writers }) => writers.map((writer) => writer.finish())));
    outcome.acknowledged = talks
      .flatMap(({ writers }) => writers.map(({ done }) => done.changes + done.votes))
      .reduce((all, one) => all + one, 0);
    outcome.problems.push(...(await judge(stage, talks)));
    close.splice(0).forEach((end) => end());
    for (const [n, node] of stage.nodes.entries()) {
      outcome.problems.push(...node.unasked.map((end) => `server ${n} ended unasked, ${end}`));
      say(`  server ${n} holds ${await settle(node, before[n]!)}`);
    }
  } catch (error) {
    outcome.problems.push(String(error));
    for (const node of stage.nodes) outcome.problems.push(...node.unasked, ...node.alarms.slice(0, 3));
  } finally {
    close.forEach((end) => end());
    await stage.end();
  }
  say(
    `  ${outcome.acknowledged} acknowledged; ${outcome.problems.length === 0 ? 'sound' : outcome.problems.join('\n  ')}`,
  );
  return outcome;
}
