import { beforeEach, describe, expect, it } from 'vitest';
import { Drafts } from '../../widget/state/drafts.js';
import { Identity } from '../../widget/state/identity.js';
import { SafeStorage, scopeOf, type Backing } from '../../widget/state/storage.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What a browser's `localStorage` is, with a switch that fills it. */
class FakeBacking implements Backing {
  readonly entries = new Map<string, string>();
  isFull = false;

  get length(): number {
    return this.entries.size;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new DOMException('full', 'QuotaExceededError');
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }
}

let backing: FakeBacking;
beforeEach(() => {
  backing = new FakeBacking();
});
const storage = (): SafeStorage => new SafeStorage(() => backing);

describe('storage', () => {
  it('names everything it keeps as its own', () => {
    storage().set('a', '1');
    expect([...backing.entries]).toEqual([['afterword:a', '1']]);
  });

  it('keeps to its own keys', () => {
    backing.entries.set('cart', 'full').set('afterword:x:1', 'a').set('other:x:2', 'b');
    expect(storage().keys('x:')).toEqual(['x:1']);
    expect(storage().get('cart')).toBeNull();
  });

  it('works for as long as the page where reading `localStorage` throws', () => {
    const kept = new SafeStorage(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    kept.set('a', '1');
    expect([kept.get('a'), kept.keys('')]).toEqual(['1', ['a']]);
    kept.remove('a');
    expect([kept.get('a'), kept.keys('')]).toEqual([null, []]);
  });

  it('works for as long as the page where storage is full, and the newer value counts', () => {
    const kept = storage();
    kept.set('a', 'old');
    backing.isFull = true;
    kept.set('a', 'new');
    kept.set('b', '1');
    expect([kept.get('a'), kept.get('b')]).toEqual(['new', '1']);
    expect(kept.keys('').toSorted()).toEqual(['a', 'b']);
    backing.isFull = false;
    kept.set('a', 'newest');
    expect(storage().get('a')).toBe('newest');
    kept.remove('a');
    expect(kept.get('a')).toBeNull();
  });

  it('makes scopes that no other parts can be mistaken for', () => {
    expect(scopeOf('a|b', 'c')).not.toBe(scopeOf('a', 'b|c'));
    expect(scopeOf('a', 'b').startsWith(scopeOf('a'))).toBe(true);
    expect(scopeOf('ab').startsWith(scopeOf('a'))).toBe(false);
  });
});

describe('drafts', () => {
  let now = 0;
  const drafts = (scope = 'thread|'): Drafts => new Drafts(storage(), scope, () => now);
  beforeEach(() => {
    now = Date.UTC(2026, 0, 1);
  });

  it('stand apart by the reply they answer, and survive a reload', () => {
    drafts().set(null, 'a root');
    drafts().set('r1', 'an answer');
    expect([drafts().get(null), drafts().get('r1'), drafts().get('r2')]).toEqual(['a root', 'an answer', '']);
  });

  it('stand apart by discussion', () => {
    drafts('one|').set(null, 'here');
    expect(drafts('two|').get(null)).toBe('');
  });

  it('keep what is known of them, but not that they are to be saved, which whoever writes says each time', () => {
    drafts().set('r1', 'x', { answers: 3, saves: {} });
    expect(drafts().read('r1')).toMatchObject({ answers: 3, saves: {} });
    drafts().set('r1', 'y');
    expect(drafts().read('r1')).toEqual({ body: 'y', answers: 3, at: now });
  });

  it('are gone when they are emptied', () => {
    drafts().set('r1', 'x');
    drafts().set('r1', '');
    expect(backing.entries.size).toBe(0);
  });

  it('are let go after 30 days, those of other discussions too', () => {
    drafts('one|').set(null, 'old');
    now += 29 * DAY_MS;
    expect(drafts('one|').get(null)).toBe('old');
    drafts('two|').set(null, 'newer');
    now += DAY_MS;
    expect(drafts('two|').get(null)).toBe('newer');
    expect([...backing.entries.keys()]).toEqual(['afterword:draft:two|']);
  });

  it('do not break on what somebody else has put there', () => {
    backing.entries.set('afterword:draft:thread|', '{"body":7}').set('afterword:draft:thread|r1', 'not JSON');
    expect([drafts().get(null), drafts().get('r1')]).toEqual(['', '']);
  });
});

describe('the identity of a browser on a site', () => {
  it('is read anew at each use, so that tabs agree', () => {
    const [one, two] = [new Identity(storage(), 's|'), new Identity(storage(), 's|')];
    one.change({ name: 'Ana' });
    two.change({ token: 't', told: 'Ana' });
    expect(one.read()).toEqual({ name: 'Ana', token: 't', told: 'Ana' });
  });

  it('forgets a token that is no good, but not one that has taken its place', () => {
    const identity = new Identity(storage(), 's|');
    identity.change({ name: 'Ana', token: 'new' });
    identity.drop('old');
    expect(identity.read().token).toBe('new');
    identity.drop('new');
    expect(identity.read()).toMatchObject({ name: 'Ana', token: null });
  });

  it('is nobody where what is kept makes no sense', () => {
    for (const kept of ['[]', '"x"', '{"name":1,"token":{}}', 'null', '{']) {
      backing.entries.set('afterword:guest:s|', kept);
      expect(new Identity(storage(), 's|').read()).toEqual({ name: '', token: null, told: '' });
    }
  });
});
