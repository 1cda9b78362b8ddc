// Shows settings in the live page: on the discussion's element and, where light or dark was chosen, on the whole page.
import { SETTING_NAMES, SETTINGS, type Settings } from './settings.js';

/** Sets what differs from the widget's own and removes the rest, so that the element is as the snippet would make it. */
export function preview(discussion: Element, settings: Settings): void {
  for (const name of SETTING_NAMES) {
    const value = settings[name];
    const wanted = name === 'thread' || value !== SETTINGS[name].standard ? value : null;
    if (discussion.getAttribute(name) === wanted) continue;
    if (wanted === null) discussion.removeAttribute(name);
    else discussion.setAttribute(name, wanted);
  }
  document.documentElement.dataset['theme'] = settings.theme;
}
