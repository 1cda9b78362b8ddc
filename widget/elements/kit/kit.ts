import { WRITING } from '../../i18n/en-writing.js';
import type { StartKit } from '../stage.js';
export function createKit(): { startKit: StartKit; words: typeof WRITING } {
  return { startKit: () => { throw new Error('todo'); }, words: WRITING };
}
