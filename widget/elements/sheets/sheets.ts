// The dialogs: the reading settings and the keys. Loaded when one is opened.
import { SHEETS } from '../../i18n/en-sheets.js';
import { sheet } from '../sheet.js';
import type { Stage } from '../stage.js';
import type { Remember } from '../tools/remember.js';
import { Help } from './help.js';
import { Menu } from './menu.js';
import styles from './sheets.css?inline';

const extra = sheet(styles);

export class Sheets {
  readonly help: Help;
  readonly menu: Menu;

  constructor(stage: Stage, remember: Remember) {
    const root = stage.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
    const { kits } = stage;
    if (kits) kits.words = { ...SHEETS, ...kits.words };
    stage.words = stage.words.with(SHEETS);
    this.help = new Help(stage);
    this.menu = new Menu(stage, remember, this.help);
  }
}
