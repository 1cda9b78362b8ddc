// Whether a reader saves data, and so gets fewer pushes and no motion: what they chose, else what the browser says.
import type { Prefs } from '../../state/prefs.js';

/** Not in every browser, and in no type yet. */
type Network = { saveData?: boolean; effectiveType?: string };

export function savesData(prefs: Prefs): boolean {
  const chosen = prefs.get('saver');
  const { saveData, effectiveType } = (navigator as { connection?: Network }).connection ?? {};
  return chosen === 'on' || (chosen !== 'off' && (saveData || /2g/.test(`${effectiveType}`)));
}
