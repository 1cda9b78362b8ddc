// What is loaded when a reader first uses it: everything beside plain reading, following and writing. Joins the single
// tools to one discussion. Owns no rule of its own.
import { TOOLS } from '../../i18n/en-tools.js';
import { sheet } from '../sheet.js';
import type { Stage } from '../stage.js';
import type { LiveThread } from '../../state/types.js';
import { Help } from './help.js';
import { Places } from './places.js';
import { Remember } from './remember.js';
import styles from './tools.css?inline';

const extra = sheet(styles);

export class Tools {
  readonly help: Help;
  readonly places: Places;
  readonly remember: Remember;

  constructor(stage: Stage, live: LiveThread, say: (text: string) => void) {
    const root = stage.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
    // Later renders know them by the kits; this one at once.
    const { kits } = stage;
    if (kits) kits.words = { ...TOOLS, ...kits.words };
    stage.words = stage.words.with(TOOLS);
    this.help = new Help(stage);
    this.places = new Places(stage, live, say);
    this.remember = new Remember(stage);
  }
}
