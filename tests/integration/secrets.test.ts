// What signs the readers' tokens: where it is kept, who may read it, and how it is replaced under readers who are there.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { systemClock, type Clock } from '../../server/clock.js';
import { SECRET_SETTING } from '../../server/database/secret-setting.js';
import { createLog } from '../../server/log.js';
import { keepSecrets, readFrom, replaceIn } from '../../server/secrets/keeper.js';
import { newSecret, onlySecret, rotate, signing, writeSecrets } from '../../server/secrets/secrets.js';
import { dataFile, ownFile, readClosed, sharedSetting } from '../../server/secrets/sources.js';
import { startTestApp } from '../support/app.js';
import { backupFolder, type BackupFolder } from '../support/backups.js';
import { connectClient } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let place: BackupFolder;
beforeEach(async () => {
  database = await createTestDatabase();
  place = backupFolder();
});
afterEach(async () => {
  await database.drop();
  place.remove();
});

const mode = (file: string): number => statSync(file).mode & 0o777;
const setting = () => database.sql<{ value: string }[]>`select value from settings where name = ${SECRET_SETTING}`;

describe('[PROC6] in the data folder', () => {
  it('is made once, open to nobody else, also where somebody had opened it', async () => {
    const folder = place.file('secrets');
    const source = dataFile(folder, database.sql);
    const made = await source.read();
    expect([mode(folder), mode(join(folder, 'tokens'))]).toEqual([0o700, 0o600]);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'tokens'), 0o644);
    expect(await source.read()).toEqual(made);
    expect([mode(folder), mode(join(folder, 'tokens'))]).toEqual([0o700, 0o600]);
    expect(await setting()).toEqual([]);
  });

  it('takes over what the database kept, from before or from a backup', async () => {
    const folder = place.file('secrets');
    await dataFile(folder, database.sql).read();
    const before = newSecret();
    await database.sql`insert into settings (name, value) values (${SECRET_SETTING}, ${before})`;
    expect(await dataFile(folder, database.sql).read()).toEqual(onlySecret(before));
    expect(await setting()).toEqual([]);
    expect(readClosed(folder)).toBe(before);
  });

  it('is not made anew where it can not be read: that would make strangers of everybody', async () => {
    const folder = place.file('secrets');
    await dataFile(folder, database.sql).read();
    writeFileSync(join(folder, 'tokens'), 'cut');
    const source = dataFile(folder, database.sql);
    await expect(readFrom(source)).rejects.toMatchObject({ name: 'SecretError' });
    const turned = replaceIn(source, source.replace!, (secrets) => rotate(secrets, Date.now(), 0));
    await expect(turned).rejects.toMatchObject({ name: 'SecretError' });
    expect(readFileSync(join(folder, 'tokens'), 'utf8')).toBe('cut');
  });
});

describe('[PROC6] in a database that nodes share', () => {
  it('two nodes that start at once have the same, and keep what was kept before', async () => {
    const [one, two] = await Promise.all([sharedSetting(database.sql).read(), sharedSetting(database.sql).read()]);
    expect(two).toEqual(one);
  });

  it('two rotations at once are one after the other', async () => {
    const source = sharedSetting(database.sql);
    const turn = () => source.replace!((secrets) => rotate(secrets, Date.now(), 1_000));
    await Promise.all([turn(), turn()]);
    expect((await source.read()).all).toHaveLength(3);
  });

  it('a running node reads what was rotated', async () => {
    const source = sharedSetting(database.sql);
    let tick: () => void = () => {};
    const clock: Clock = { ...systemClock, setTimeout: (callback) => ((tick = callback), 1), clearTimeout: () => {} };
    const log = createLog({ level: 'silent', pretty: false });
    const keeper = await keepSecrets(source, clock, log);
    keeper.start();
    await source.replace!((secrets) => rotate(secrets, Date.now(), 1_000));
    tick();
    await until(() => keeper.current().all.length === 2, 'the new secret to be read');
    keeper.stop();
  });
});

it("the owner's file is read, and not changed", async () => {
  const file = place.file('own');
  const [first, second] = [newSecret(), newSecret()];
  writeFileSync(file, `${second}\n${first}\n`);
  const source = ownFile(file);
  expect(signing(await source.read(), Date.now()).value).toBe(second);
  expect(source.replace).toBeNull();
});

it('[PROC6] [REQ7] over a rotation readers stay who they are, get a new token, and without it are refused in the end', async () => {
  const shared = { database, config: { secret: null } };
  const before = await startTestApp(shared);
  const ana = await connectClient(before.url);
  const { token: old, me } = await ana.must('me:guest', { name: 'Ana' });
  ana.close();
  await before.end();

  const [{ value: kept }] = (await setting()) as unknown as [{ value: string }];
  const [second, now] = [newSecret(), Date.now()];
  const write = async (oldUntil: number): Promise<void> => {
    const all = [
      { value: kept, from: 0, until: oldUntil },
      { value: second, from: now - 1_000, until: null },
    ];
    await database.sql`update settings set value = ${writeSecrets({ all })} where name = ${SECRET_SETTING}`;
  };
  await write(now + 60_000);
  const during = await startTestApp(shared);
  const again = await connectClient(during.url, { token: old });
  const { you } = await again.snapshot('a');
  expect(you.me).toEqual(me);
  expect(you.token).not.toBe(old);
  expect((await again.snapshot('b')).you.token).toBeUndefined();
  again.close();
  const settled = await connectClient(during.url, { token: you.token });
  expect((await settled.snapshot('a')).you).toMatchObject({ me });
  settled.close();
  await during.end();

  await write(now - 1);
  const after = await startTestApp(shared);
  await expect(connectClient(after.url, { token: old })).rejects.toMatchObject({ data: { code: 'token_invalid' } });
  const fresh = await connectClient(after.url, { token: you.token });
  expect((await fresh.snapshot('a')).you.me).toEqual(me);
  fresh.close();
  await after.end();
});
