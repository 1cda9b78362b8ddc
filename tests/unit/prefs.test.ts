import { expect, it } from 'vitest';
import { Prefs } from '../../widget/state/prefs.js';
import { SafeStorage } from '../../widget/state/storage.js';

const empty = (): SafeStorage => new SafeStorage(() => null);
const storageEvent = (key: string | null): Event => Object.assign(new Event('storage'), { key });

it('what was never chosen is null, so that the owner is asked', () => {
  const prefs = new Prefs(empty(), new EventTarget());
  expect([prefs.get('pace'), prefs.get('announce')]).toEqual([null, null]);
});

it('a choice stays beside the others, and can be taken back', () => {
  const keep = empty();
  const prefs = new Prefs(keep, new EventTarget());
  prefs.set('pace', 'anchor');
  prefs.set('announce', false);
  const later = new Prefs(keep, new EventTarget());
  expect([later.get('pace'), later.get('announce'), later.get('typing')]).toEqual(['anchor', false, null]);
  later.set('pace', null);
  expect([prefs.get('pace'), prefs.get('announce')]).toEqual([null, false]);
});

it('what somebody else put there counts as not chosen', () => {
  for (const text of ['{"pace":"fast","announce":"yes","typing":null}', '[]', '"x"', '{', '{"pace":{}}']) {
    const keep = empty();
    keep.set('prefs', text);
    const prefs = new Prefs(keep, new EventTarget());
    expect([prefs.get('pace'), prefs.get('announce'), prefs.get('typing')]).toEqual([null, null, null]);
    prefs.set('pace', 'hold');
    expect(prefs.get('pace')).toBe('hold');
  }
});

it('tells of changes by this tab and by others until it is told to stop', () => {
  const tabs = new EventTarget();
  const prefs = new Prefs(empty(), tabs);
  let told = 0;
  const stop = prefs.on(() => told++);
  prefs.set('pace', 'hold');
  tabs.dispatchEvent(storageEvent('afterword:prefs'));
  tabs.dispatchEvent(storageEvent(null));
  expect(told).toBe(3);
  tabs.dispatchEvent(storageEvent('something else'));
  expect(told).toBe(3);
  stop();
  prefs.set('pace', 'auto');
  tabs.dispatchEvent(storageEvent('afterword:prefs'));
  expect(told).toBe(3);
});
