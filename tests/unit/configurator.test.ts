import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuery, writeQuery } from '../../demo/address.js';
import { LANGUAGES } from '../../demo/languages.js';
import { SAMPLE_KEY } from '../../demo/sample.js';
import {
  chosen,
  RADIUS_STANDARD,
  SETTING_NAMES,
  SETTINGS,
  STANDARD,
  withSetting,
  type Settings,
} from '../../demo/settings.js';
import { SPOKEN } from '../../widget/i18n/languages.js';

/** Settings as a reader could have made them: any texts, put through `withSetting`. */
const settings: fc.Arbitrary<Settings> = fc
  .record({
    theme: fc.constantFrom('auto', 'light', 'dark', 'contrast'),
    accent: fc.constantFrom('', '#B3261E', '#0af', '#000000'),
    radius: fc.integer({ min: 0, max: 30 }).map(String),
    font: fc.constantFrom('', 'serif', 'system-ui', 'monospace'),
    look: fc.constantFrom('plain', 'paper', 'compact'),
    sort: fc.constantFrom('oldest', 'newest', 'best'),
    pace: fc.constantFrom('auto', 'hold', 'anchor', 'follow', 'pause'),
    votes: fc.constantFrom('up', 'updown', 'none'),
    reactions: fc.constantFrom('on', 'none'),
    lang: fc.constantFrom('', ...LANGUAGES.map(({ code }) => code)),
    heading: fc.string({ unit: 'grapheme' }),
    thread: fc.string({ unit: 'grapheme' }),
  })
  .map((values) => SETTING_NAMES.reduce((made, name) => withSetting(made, name, values[name]), STANDARD));

describe('the settings', () => {
  it('accept their own standard and whatever they have accepted once', () => {
    for (const name of SETTING_NAMES) {
      const { standard, accept } = SETTINGS[name];
      expect(accept(standard), name).toBe(standard);
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (value) => {
          const once = accept(value);
          if (once !== null) expect(accept(once)).toBe(once);
        }),
      );
    }
  });

  it('take a colour as six or three hexadecimal digits and nothing else', () => {
    const { accept } = SETTINGS.accent;
    expect(accept('#B3261E')).toBe('#b3261e');
    expect(accept('#0Af')).toBe('#00aaff');
    for (const refused of ['red', '#12345', '#1234567', 'b3261e', '#b3261e;', ' #b3261e', 'url(//x)', '#ggg']) {
      expect(accept(refused), refused).toBeNull();
    }
  });

  it('take a radius of whole pixels within the slider, the widget’s own being no choice', () => {
    const { accept } = SETTINGS.radius;
    expect(accept('0')).toBe('0');
    expect(accept('24')).toBe('24');
    expect(accept('07')).toBe('7');
    expect(accept(String(RADIUS_STANDARD))).toBe('');
    for (const refused of ['25', '-1', '4.5', '1e1', '999', '٣', ' 4', '4px'])
      expect(accept(refused), refused).toBeNull();
  });

  it('take every language of the list and no other', () => {
    for (const { code } of LANGUAGES) expect(SETTINGS.lang.accept(code)).toBe(code);
    expect(SETTINGS.lang.accept('xx')).toBeNull();
    expect(new Set(LANGUAGES.map(({ code }) => code)).size).toBe(LANGUAGES.length);
  });

  it('offer exactly the languages that the widget speaks', () => {
    const offered = LANGUAGES.map(({ code }) => code.toLowerCase());
    expect(offered.toSorted()).toEqual(['en', ...SPOKEN].toSorted());
  });

  it('keep a thread where its key is emptied, and let the heading go back to the widget', () => {
    expect(withSetting(STANDARD, 'thread', '   ').thread).toBe(SAMPLE_KEY);
    const headed = withSetting(STANDARD, 'heading', ' Letters ');
    expect(headed.heading).toBe('Letters');
    expect(withSetting(headed, 'heading', '').heading).toBe('');
  });

  it('refuse text that could hide what the snippet holds, and keep the joiners that scripts need', () => {
    const { accept } = SETTINGS.heading;
    for (const hostile of ['a\nb', 'a\0b', 'a\u202eb', 'a\u2066b', 'a\ud800b', 'a\u2028b', 'x'.repeat(301)]) {
      expect(accept(hostile)).toBeNull();
    }
    expect(accept('پاسخ\u200cها')).toBe('پاسخ\u200cها');
  });
});

describe('the address', () => {
  it('is empty while nothing was chosen', () => {
    expect(writeQuery(STANDARD)).toBe('');
    expect(readQuery('')).toEqual(STANDARD);
  });

  it('names only what differs from the standard, in one order', () => {
    const dark = withSetting(withSetting(STANDARD, 'lang', 'de'), 'theme', 'dark');
    expect(writeQuery(dark)).toBe('?theme=dark&lang=de');
    expect(chosen(dark)).toEqual([
      ['theme', 'dark'],
      ['lang', 'de'],
    ]);
  });

  it('gives back exactly the settings that it was written from', () => {
    fc.assert(
      fc.property(settings, (made) => {
        expect(readQuery(writeQuery(made))).toEqual(made);
      }),
    );
  });

  it('keeps parameters that are not ours', () => {
    const dark = withSetting(STANDARD, 'theme', 'dark');
    expect(writeQuery(dark, '?reader=2&theme=light&theme=auto')).toBe('?reader=2&theme=dark');
    expect(writeQuery(STANDARD, '?theme=light')).toBe('');
  });

  it('ignores hostile values one by one and never throws', () => {
    const hostile =
      '?theme=%3Cscript%3E&accent=red;background:url(//evil.example)&radius=1e9&font=x&lang=__proto__&sort=dark';
    expect(readQuery(hostile)).toEqual(STANDARD);
    expect(readQuery('?__proto__=x&constructor=y&theme=dark').theme).toBe('dark');
    expect(readQuery('?theme=dark&theme=light').theme).toBe('dark');
    expect(readQuery('?heading=%E2%80%AEevil&thread=%00')).toEqual(STANDARD);
    expect(readQuery('?heading=%FF%ZZ').heading).toBe('\ufffd%ZZ');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (query) => {
        const read = readQuery(query);
        for (const name of SETTING_NAMES) expect(SETTINGS[name].accept(read[name])).toBe(read[name]);
      }),
    );
  });
});
