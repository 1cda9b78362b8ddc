// Needs: redis
// A Redis with accounts: the rights that the bus needs, and what it says where one is missing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { startRedis, type RedisServer } from '../support/services/redis.js';
import { until } from '../support/until.js';
import { startNode } from './bus.js';
import { lineOf, reaches, RIGHTS } from './redis-line.js';

describe('a Redis with accounts', () => {
  let closed: RedisServer;
  const admin = { username: 'admin', password: 'admin-hunter2' };
  beforeAll(async () => {
    closed = await startRedis({
      admin,
      config: `--user default off --user admin on >${admin.password} ~* &* +@all --user talk on >hunter2:?#secret`
        .split(' ')
        .concat(RIGHTS),
    });
  });
  afterAll(() => closed.end());

  const addressOf = (user: string, password: string) =>
    closed.url.replace('//', `//${user}:${encodeURIComponent(password)}@`);

  it('takes the few rights that it needs, and no more', async () => {
    const [one, two] = [
      await startNode(lineOf(() => addressOf('talk', 'hunter2:?#secret'))),
      await startNode(lineOf(() => addressOf('talk', 'hunter2:?#secret'))),
    ];
    await reaches(one, two);
    await Promise.all([one.bus.stop(), two.bus.stop()]);
  });

  it.each(['+ssubscribe', '+spublish'])('says once that a right is missing (%s)', async (right) => {
    const user = `less${RIGHTS.indexOf(right)}`;
    const rights = RIGHTS.filter((one) => one !== right);
    await closed.ask('ACL', 'SETUSER', user, 'on', '>hunter2', ...rights);
    const logged: string[] = [];
    const one = await startNode(lineOf(() => addressOf(user, 'hunter2'), logged));
    const attempts = async (): Promise<number> => {
      const log = await closed.ask<{ count: number; username: string; object: string }[]>('ACL', 'LOG');
      const entry = log.find(({ username, object }) => username === user && object === right.slice(1));
      return Number(entry?.count ?? 0);
    };
    await until(async () => (await attempts()) > 3, 'it to have tried several times');
    one.bus.publish({ kind: 'head', thread: newId(), head: 1 });
    await one.bus.stop();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('NOPERM');
    expect(one.heard).toEqual([]);
  });

  it('says that it is refused, without the password', async () => {
    const logged: string[] = [];
    const one = await startNode(lineOf(() => addressOf('talk', 'wrong-hunter3'), logged));
    await until(() => logged.length > 0, 'it to say so');
    expect(logged[0]).toContain('WRONGPASS');
    expect(logged.join('')).not.toMatch(/hunter/);
    await one.bus.stop();
  });
});
