import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.js';
import { NAME_MAX } from '../../shared/limits.js';
import { normaliseName, passesFor, skeleton } from '../../server/accounts/names.js';

function expectInvalid(raw: string): void {
  let thrown: unknown;
  try {
    normaliseName(raw);
  } catch (error) {
    thrown = error;
  }
  expect(thrown, JSON.stringify(raw.slice(0, 40))).toBeInstanceOf(AppError);
  expect((thrown as AppError).toBody()).toMatchObject({ code: 'invalid', field: 'name' });
}

describe('a name', () => {
  it('of any script is kept', () => {
    const names = [
      'Ann',
      "O'Neill",
      'Jean-Luc',
      'Zoë',
      'Ångström',
      'Nguyễn Thị Ánh',
      'Владимир',
      'Γιώργος',
      'דָּוִד',
      'محمّد',
      'علی\u200cرضا',
      '王小明',
      '田中さん',
      '김민준',
      'สมชาย',
      'क्षत्रिय',
      'ශ්\u200dරී',
      'Ann 👩🏽\u200d💻',
      '❤\ufe0f',
      'x_X',
      '42',
      'a.b',
    ];
    for (const name of names) expect(normaliseName(name)).toBe(name.normalize('NFC'));
  });

  it('is composed, on one line, with single spaces', () => {
    expect(normaliseName('  Zoe\u0308\n\t van   der\u00a0\u3000Berg ')).toBe('Zoë van der Berg');
  });

  it('loses what nobody sees', () => {
    expect(normaliseName('A\u200bn\u00adn\u2060\ufeff')).toBe('Ann');
    expect(normaliseName('A\u200dn\u200cn\ufe0f')).toBe('Ann');
    expect(normaliseName('\u202eadmin\u202c \u2066x\u2069')).toBe('admin x');
    expect(normaliseName('A\0\u0007\u001b[31mnn\u009b')).toBe('A[31mnn');
    expect(normaliseName('A\u3164\u115f\u2800nn\u{e0041}')).toBe('A nn');
  });

  it('keeps few marks over one letter', () => {
    expect(normaliseName(`Z${'\u0321\u0315\u030d'.repeat(20)}a`)).toHaveLength(4);
    expect(normaliseName('\u0301\u0302Ann \u0303\u0304x')).toBe('Ann x');
    expect(normaliseName(`ก${'\u0e49'.repeat(20)}`)).toBe(`ก${'\u0e49'.repeat(4)}`);
  });

  it('[REQ3] is refused when nothing of it can be seen, when it is too long, and when it is half a character', () => {
    for (const raw of ['', ' ', '\n', '\u200b', '\u3164', '\u2800', '\u0301', '\u202e\u202c', '\ufe0f'])
      expectInvalid(raw);
    for (const raw of ['x'.repeat(NAME_MAX + 1), 'x'.repeat(1_000_000), '👍'.repeat(NAME_MAX), 'A\ud800', '\udc00'])
      expectInvalid(raw);
    expect(normaliseName('x'.repeat(NAME_MAX))).toHaveLength(NAME_MAX);
    expect(normaliseName(`x${' '.repeat(NAME_MAX)}y`)).toBe('x y');
  });

  it('stays as it is once it is clean', () => {
    const parts = fc.constantFrom(
      'a',
      'E',
      ' ',
      '\u0301',
      '\u0323',
      '\u0e49',
      '\u200d',
      '\u200c',
      '\ufe0f',
      '👩',
      '💻',
      '🏽',
      'ي',
      'क',
      '\u094d',
      '\u202e',
      '\u3164',
      '\n',
      '\u1100',
      '\u1161',
      '\u05b0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(parts, { minLength: 1, maxLength: 20 }).map((list) => list.join('')),
          fc.string({ unit: 'binary', maxLength: 30 }),
        ),
        (rest) => {
          const name = normaliseName(`x${rest}`.replace(/\p{Surrogate}/gu, ''));
          expect(normaliseName(name)).toBe(name);
          expect(name).toBe(name.normalize('NFC').trim());
          expect(name).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]| {2}|[^\S ]/u);
          expect(name.normalize('NFC')).not.toMatch(/\p{M}{5}/u);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a guest', () => {
  const reserved = ['Dana Whitfield', 'Бoрис', '阿明'];

  it('does not pass for a role', () => {
    const forged = [
      'admin',
      'Admin',
      'ADMIN',
      'a d m i n',
      'A.D.M.I.N',
      '-=[Admin]=-',
      '★admin★',
      'Аdmin',
      'аdmіn',
      'ΑDΜΙΝ',
      'adm1n',
      '4dm1n',
      '@dmin',

      'ａｄｍｉｎ',
      '𝐚𝐝𝐦𝐢𝐧',
      '𝓪𝓭𝓶𝓲𝓷',
      'ⓐⓓⓜⓘⓝ',
      '🅐🅓🅜🅘🅝',
      '🅰🅳🅼🅸🅽',
      '🇦🇩🇲🇮🇳',
      'ᴀᴅᴍɪɴ',
      'ádmïn',
      'a\u0334d\u0334min',
      'adrnin',
      'AdmIn',
      'admln',
      'adm|n',

      'Moderator',
      'M0derator',
      'Mоdеrаtоr',
      'rnoderator',
      'The Moderator',
      'Ann (Moderator)',
      'Moderator Ann',
      'Afterword',
      'Afterw0rd Team',

      'Official Afterword',
      'Owner',
      'The Owner',
      'Site Owner',
      'Staff',
      'mod',
      'Mods',
      'Администратор',
      'modérateur',
      'مدیر',
      '管理员',
      'Webmaster',
      'Admins',
      'Administrators',
      'Site Moderation Team',
      'Modérateurs',
      'Moderatorin',
      'SiteAdmin',
      'Sysadmin',
      'TheOwner',
      'OwnerOfSite',
      'AfterwordTeam',
      'Afterwords',
      'Editors',
      'Editorial team',
      'a d m i n Ann',
      'ᗩᗪᗰIᑎ',
      '₳Đ₥ł₦',
      'ค๔๓เภ',
      'ꮪystem',
      'You',
      '(removed)',
    ];
    for (const name of forged) expect(passesFor(normaliseName(name), []), name).toBe(true);
  });

  it('does not pass for somebody whose name is taken', () => {
    const forged = [
      'Dana Whitfield',
      'dana whitfield',
      'DanaWhitfield',
      'Dana  Whitfield.',
      'Dana-Whitfield',
      'Dana WhitfieId',
      'Dana Whitfie1d',
      'Dаnа Whitfiеld',

      'Dana VVhitfield',
      '𝔇𝔞𝔫𝔞 Whitfield',
      'Dána Whitfield',
      'Dana Whitfield (author)',
      'The real Dana Whitfield',
      'Dana Whitfield ✓',
      'Борис',
      'БОРИС',
      '阿 明',
    ];
    for (const name of forged) expect(passesFor(normaliseName(name), reserved), name).toBe(true);
  });

  it('does not pass for the site, by a role and a part of what it is called by', () => {
    const site = ['demo', 'The Long Way Home', 'tea.example', 'Dana Whitfield'];
    const forged = [
      'Demo Owner',
      'Owner of Demo',
      'DemoOwner',
      'demoowner',
      'D e m o Owner',
      'Dеmo Оwner',
      'Team Demo',
      'demo-team',
      'TeamTea',
      'Long Way Support',
      'The Long Way Home Team',
      'Official Long Way Home',
      'Tea.example Staff',
      'Tea Example Support (verified)',
      'Dana (Author)',
    ];
    for (const name of forged) expect(passesFor(normaliseName(name), [], site), name).toBe(true);
    for (const name of [
      'Demo',
      'Home',
      'Tea Lover',
      'Root Beer',
      'The Team',
      'Long John',
      'Dana',
      'Support Ukraine',
      'Thank You',
      'Teamwork',
      'Example',
    ])
      expect(passesFor(normaliseName(name), [], site), name).toBe(false);
    expect(passesFor('Long Way Home', ['The Long Way Home'])).toBe(true);
  });

  it('may be called anything else', () => {
    const names = [
      'Dana',
      'Whitfield',
      'Dana W',
      'Diana Whitfield',
      'Dana Whitfield Jones',
      'Boris Johnson',
      'Ann',
      'Ann2',
      'Madmin Ali',
      'Adminton',
      'Amod',

      'Root Beer',
      'System of a Down',
      'Support Ukraine',
      'Modest Mouse',
      'The Team',
      'Page',
      'Larry Page',
      'Real',
      '...',
      '👍',
      '小明',
      'Ян',
      '!!',
      'Demi',
      'J R R Tolkien',
      'Thank You',
      'McDonald',
      'Badminton Ann',
      'สมชาย',
    ];
    for (const name of names) expect(passesFor(normaliseName(name), reserved), name).toBe(false);
  });

  it('is not held against a reserved name of which nothing is left', () => {
    expect(passesFor('...', ['!!!', '', ' ', '👍'])).toBe(false);
    expect(passesFor('👍', ['👍'])).toBe(true);
  });

  it('passes for every reserved name in its own letters, whatever the case and spaces', () => {
    // Some letters stand for marks alone (U+FC5E) or can't be seen (U+FFA0): of such a name nothing is left, as above.
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(text.normalize('NFKD')));
    fc.assert(
      fc.property(name, (text) => {
        expect(passesFor(text, [text])).toBe(true);
        expect(passesFor(` ${text}. `, [text])).toBe(true);
        expect(skeleton(skeleton(text))).toBe(skeleton(text));
      }),
      { numRuns: 1_000 },
    );
  });
});
