// The settings as a query string and back, so that a look can be shared as an address. Pure.
import { chosen, SETTING_NAMES, STANDARD, withSetting, type Settings } from './settings.js';

/** Reads the settings from a query string. What is unknown or refused is left at the standard; of doubles the first counts. */
export function readQuery(query: string): Settings {
  const params = new URLSearchParams(query);
  return SETTING_NAMES.reduce((settings, name) => {
    const value = params.get(name);
    return value === null ? settings : withSetting(settings, name, value);
  }, STANDARD);
}

/** The query string, with its `?`, that says what differs from the standard and keeps what isn't ours; '' where nothing is left. */
export function writeQuery(settings: Settings, current = ''): string {
  const params = new URLSearchParams(current);
  for (const name of SETTING_NAMES) params.delete(name);
  for (const [name, value] of chosen(settings)) params.append(name, value);
  const query = params.toString();
  return query && `?${query}`;
}
