import { expect, it } from 'vitest';
import { hourOf, momentOf } from '../../widget/i18n/clock.js';
import { Times } from '../../widget/i18n/time.js';

const now = Date.UTC(2026, 10, 23, 12);
const ago = (ms: number, lang = 'en') => new Times(lang).ago(now - ms, now);
const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

it('says the largest whole unit that has passed', () => {
  expect(ago(0)).toBe('now');
  expect(ago(59 * second)).toBe('now');
  expect(ago(minute)).toBe('1 minute ago');
  expect(ago(59 * minute + 59 * second)).toBe('59 minutes ago');
  expect(ago(hour)).toBe('1 hour ago');
  expect(ago(23 * hour + 59 * minute)).toBe('23 hours ago');
  expect(ago(day)).toBe('yesterday');
  expect(ago(27 * day)).toBe('27 days ago');
});

it('says the date where that says more', () => {
  expect(ago(28 * day)).toBe('Oct 26, 2026');
  expect(ago(400 * day, 'de')).toBe('19.10.2025');
});

it('[PAGE13] days are those of the calendar where the reader is, to the hour', () => {
  const times = new Times('en');
  const local = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();
  // More than a day and less than two, but the day before yesterday.
  expect(times.ago(local(21, 20), local(23, 2))).toBe('2 days ago');
  expect(times.ago(local(22, 0), local(23, 23))).toBe('yesterday');
  expect(times.ago(local(21, 2), local(22, 20))).toBe('yesterday');
  expect(times.ago(local(21, 23), local(23, 0))).toBe('2 days ago');
  expect(times.ago(local(1, 23), local(23, 1))).toBe('22 days ago');
});

it('a reply from the future is said to be of now: clocks differ', () => {
  expect(ago(-5 * minute)).toBe('now');
});

it('speaks the language', () => {
  expect(ago(2 * hour, 'de')).toBe('vor 2 Stunden');
  expect(ago(3 * minute, 'fa')).toContain('۳');
});

it('says the moment in full, and the time of the day', () => {
  const local = new Date(2026, 10, 23, 12, 4).getTime();
  expect(momentOf(new Times('en'), local)).toBe('Monday, November 23, 2026 at 12:04 PM');
  expect(hourOf(new Times('de'), local)).toBe('12:04');
});
