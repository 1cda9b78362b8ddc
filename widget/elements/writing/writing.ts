// What is loaded when a composer is first touched. Joins the single helps to one discussion and brings its words.
import type { ErrorBody } from '../../../shared/errors.js';
import { COMPOSING } from '../../i18n/en-composing.js';
import { sheet } from '../sheet.js';
import type { LiveThread } from '../../state/types.js';
import type { Assist, Desk, Stage, Unfinished, WritingHelp } from '../stage.js';
import { FormAssist } from './assist.js';
import { Unsent } from './unfinished.js';
import styles from './writing.css?inline';

const extra = sheet(styles);

export class Writing implements WritingHelp {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    const root = stage.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(extra)) root.adoptedStyleSheets.push(extra);
    // Later renders know them by the kits; this one at once.
    const { kits } = stage;
    if (kits) kits.words = { ...COMPOSING, ...kits.words };
    stage.words = stage.words.with(COMPOSING);
    stage.requestUpdate();
  }

  refusal({ code, field = '' }: ErrorBody): string {
    const { words } = this.#stage;
    const values = { site: this.#stage.setting('site'), origin: location.origin, field };
    return words.say(code === 'invalid' ? 'wrongSetting' : `error.${code}`, values);
  }

  unfinished(live: LiveThread, say: (text: string) => void): Unfinished {
    return new Unsent(this.#stage, live, say);
  }

  assist(desk: Desk): Assist {
    return new FormAssist(desk);
  }
}
