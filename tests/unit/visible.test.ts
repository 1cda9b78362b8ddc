import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasVisible as onTheServer } from '../../server/threads/text.js';
import { hasVisible } from '../../widget/elements/writing/visible.js';

it('what the composer takes for written is what the server does', () => {
  for (const text of ['', ' \n', '\u200b', '\u2060\ufe0f', '\u2800', '\u0301', '\ud800'])
    expect(hasVisible(text)).toBe(false);
  for (const text of ['a', '\u200bب', '👍', '.']) expect(hasVisible(text)).toBe(true);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => hasVisible(text) === onTheServer(text)));
});
