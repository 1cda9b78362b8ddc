import { afterEach, describe, expect, it, vi } from 'vitest';
import { Prefs } from '../../widget/state/prefs.js';
import { SafeStorage } from '../../widget/state/storage.js';
import { savesData } from '../../widget/elements/kit/saving.js';

afterEach(() => void vi.unstubAllGlobals());

describe('[CUR8] data is saved', () => {
  it.each([
    ['auto', {}, false],
    ['auto', { saveData: true, effectiveType: '4g' }, true],
    ['auto', { saveData: false, effectiveType: '3g' }, false],
    ['auto', { saveData: false, effectiveType: '2g' }, true],
    ['auto', { saveData: false, effectiveType: 'slow-2g' }, true],
    [null, { saveData: true }, true],
    ['on', undefined, true],
    ['off', { saveData: true, effectiveType: '2g' }, false],
  ] as const)('where %s was chosen and the browser says %o: %s', (chosen, connection, expected) => {
    vi.stubGlobal('navigator', { connection });
    const prefs = new Prefs(new SafeStorage(() => null), new EventTarget());
    prefs.set('saver', chosen);
    expect(!!savesData(prefs)).toBe(expected);
  });
});
