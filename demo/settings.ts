// What the configurator can set: each setting with its standard value and with what it accepts. Pure; knows neither
// the page nor the address. A setting carries the name of the attribute of `<afterword-discussion>` that it becomes.
import { KEY_MAX, TITLE_MAX } from '../shared/limits.js';
import { LANGUAGES } from './languages.js';
import { SAMPLE_KEY } from './sample.js';

export interface Setting {
  /** What the page shows when nothing was chosen; '' leaves it to the widget. */
  readonly standard: string;
  /** The value in its one right form, or null for one that is refused. Whatever it returns, it accepts unchanged. */
  readonly accept: (value: string) => string | null;
}

export const RADIUS_MAX = 24;
/** The radius that the widget has by itself, in CSS pixels: where the slider stands at first. */
export const RADIUS_STANDARD = 6;

export const SETTINGS = {
  look: oneOf('plain', 'paper', 'compact'),
  theme: oneOf('auto', 'light', 'dark', 'contrast'),
  accent: { standard: '', accept: hexColour },
  radius: { standard: '', accept: pixels },
  font: oneOf('', 'serif', 'system-ui', 'monospace'),
  sort: oneOf('oldest', 'newest', 'best'),
  pace: oneOf('auto', 'hold', 'anchor', 'follow', 'pause'),
  votes: oneOf('up', 'updown', 'none'),
  reactions: oneOf('on', 'none'),
  lang: oneOf('', ...LANGUAGES.map(({ code }) => code)),
  heading: { standard: '', accept: (value) => line(value, TITLE_MAX) },
  thread: { standard: SAMPLE_KEY, accept: (value) => line(value, KEY_MAX) || null },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type Settings = Readonly<Record<SettingName, string>>;

/** In the order in which they stand in the address and in the snippet. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export const STANDARD = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].standard])) as Settings;

/** The settings with one changed; the same object where the value is refused or changes nothing. */
export function withSetting(settings: Settings, name: SettingName, value: string): Settings {
  const accepted = SETTINGS[name].accept(value);
  return accepted === null || accepted === settings[name] ? settings : { ...settings, [name]: accepted };
}

/** What differs from the standard, in order. */
export function chosen(settings: Settings): [SettingName, string][] {
  return SETTING_NAMES.filter((name) => settings[name] !== SETTINGS[name].standard).map((name) => [
    name,
    settings[name],
  ]);
}

/** The first of the choices is the standard. */
function oneOf(standard: string, ...others: string[]): Setting {
  const choices = [standard, ...others];
  return { standard, accept: (value) => (choices.includes(value) ? value : null) };
}

/** `#rgb` or `#rrggbb` as `#rrggbb` in small letters; '' for the widget's own. */
function hexColour(value: string): string | null {
  const hex = /^#(?:([0-9a-f]{6})|([0-9a-f])([0-9a-f])([0-9a-f]))$/i.exec(value);
  if (!hex) return value === '' ? '' : null;
  const [, long, r, g, b] = hex;
  return `#${long ?? `${r}${r}${g}${g}${b}${b}`}`.toLowerCase();
}

/** Whole CSS pixels from 0 to `RADIUS_MAX`; '' for the widget's own, and the widget's own as ''. */
function pixels(value: string): string | null {
  if (value === '') return '';
  if (!/^\d{1,2}$/.test(value) || Number(value) > RADIUS_MAX) return null;
  return Number(value) === RADIUS_STANDARD ? '' : String(Number(value));
}

/** One line of text without outer white space. Marks of direction are refused: they would let the snippet show other code than it holds. */
function line(value: string, max: number): string | null {
  const text = value.trim();
  return text.length > max || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text) ? null : text;
}
