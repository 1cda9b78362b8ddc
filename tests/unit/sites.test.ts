// Sites as the edge sees them: fresh within seconds, and still there while the database is away.
import { beforeEach, expect, it, vi } from 'vitest';

import { Sites } from '../../server/sites/sites.js';
import type { SiteRow } from '../../server/store/store.js';
import { STANDARD_RULES } from '../../server/sites/rules.js';

const SITE: SiteRow = { id: 'blog', name: 'Blog', ownerName: null, origins: [], rules: STANDARD_RULES };

let seconds: number;
beforeEach(() => {
  seconds = 0;
});
const make = (site: (id: string) => Promise<SiteRow | null>): Sites => new Sites({ site }, () => seconds * 1_000);

it('a site is looked up once for everybody who asks at the same time, and again after a while', async () => {
  const site = vi.fn(async () => SITE);
  const sites = make(site);
  expect(await Promise.all(Array.from({ length: 50 }, () => sites.get('blog')))).toEqual(Array(50).fill(SITE));
  expect(site).toHaveBeenCalledTimes(1);
  seconds += 2;
  await sites.get('blog');
  expect(site).toHaveBeenCalledTimes(1);
  seconds += 4;
  await sites.get('blog');
  expect(site).toHaveBeenCalledTimes(2);
});

it('one that is in use is looked up again beside those who ask, and nobody waits for it', async () => {
  let renamed!: (site: SiteRow) => void;
  const site = vi.fn(async () => SITE);
  const sites = make(site);
  await sites.get('blog');
  seconds += 3;
  site.mockReturnValueOnce(new Promise((resolve) => (renamed = resolve)));
  expect(await sites.get('blog')).toBe(SITE);
  expect(await sites.get('blog')).toBe(SITE);
  expect(site).toHaveBeenCalledTimes(2);
  renamed({ ...SITE, name: 'Renamed' });
  await Promise.resolve();
  seconds += 1;
  expect((await sites.get('blog')).name).toBe('Renamed');
  // One that fails is nobody's, and the next one asks again.
  seconds += 3;
  site.mockRejectedValueOnce(new Error('away'));
  expect((await sites.get('blog')).name).toBe('Renamed');
  await Promise.resolve();
  await sites.get('blog');
  expect(site).toHaveBeenCalledTimes(4);
});

it('one that is not there is `site_unknown`, until it is', async () => {
  let there: SiteRow | null = null;
  const sites = make(async () => there);
  await expect(sites.get('blog')).rejects.toMatchObject({ code: 'site_unknown', details: { field: 'site' } });
  there = SITE;
  seconds += 6;
  expect(await sites.get('blog')).toEqual(SITE);
});

it('while the database is away a site stays as it was last seen; one that was not seen is the error', async () => {
  const site = vi.fn(async (_: string) => SITE);
  const sites = make(site);
  await sites.get('blog');
  site.mockRejectedValue(new Error('away'));
  seconds += 60;
  expect(await sites.get('blog')).toEqual(SITE);
  seconds += 60;
  expect(await sites.get('blog')).toEqual(SITE);
  await expect(sites.get('other')).rejects.toThrow('away');
  site.mockResolvedValue({ ...SITE, name: 'Renamed' });
  seconds += 6;
  expect((await sites.get('blog')).name).toBe('Renamed');
});
