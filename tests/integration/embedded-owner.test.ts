// One instance for each data folder: the lock that every start takes first.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../server/database/connect.js';
import { type OwnerLock, takeOwnership } from '../../server/database/embedded/owner-lock.js';
import { madeDataDir, startInstance, temporaryFolder, until } from '../support/embedded.js';

test('a second instance stops with a message that names the folder, and the first goes on', async () => {
  const dataDir = madeDataDir();
  const first = startInstance({ dataDir });
  const { url } = await first.first('ready');
  const second = startInstance({ dataDir });
  const refused = await second.first('refused');
  await second.ended;
  expect(refused.failure).toBe('in_use');
  expect(refused.message).toContain(`Another running instance uses the data folder ${dataDir}.`);
  const { sql } = connect({ url });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
});

test('of instances that start at once on a new folder, one creates the database and the others are refused', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  const instances = [1, 2, 3].map(() => startInstance({ dataDir }));
  const outcomes = await Promise.all(
    instances.map(({ events }) =>
      until('an outcome', () => events.find(({ event }) => event === 'ready' || event === 'refused')),
    ),
  );
  expect(outcomes.map(({ event }) => event).toSorted()).toEqual(['ready', 'refused', 'refused']);
  for (const outcome of outcomes) if (outcome.event === 'refused') expect(outcome.failure).toBe('in_use');
});

test('however many want a folder at the same moment, one gets it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const folder = mkdtempSync('/tmp/afterword-owner-');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    // Not all in the same tick: the dangerous moments are between one's steps.
    const attempts = Array.from({ length: 8 }, async (): Promise<OwnerLock> => {
      await pause(Math.random() * 4);
      return takeOwnership(folder, folder);
    });
    const locks = (await Promise.allSettled(attempts)).filter((attempt) => attempt.status === 'fulfilled');
    expect(locks).toHaveLength(1);
    locks[0]?.value.release();
    (await takeOwnership(folder, folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('an owner that answers nothing, being stopped, is an owner still', async () => {
  const folder = mkdtempSync('/tmp/afterword-owner-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const silent = createServer({ pauseOnConnect: true });
  silent.listen(path.join(folder, 'silent.sock'));
  onTestFinished(() => void silent.close());
  await expect(takeOwnership(folder, folder)).rejects.toMatchObject({ failure: 'in_use' });
});
