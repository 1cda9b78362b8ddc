// Has nothing said by a shade alone where more contrast is asked for. The colours themselves are `theme/theme.ts`.
import type { ReactiveController } from 'lit';
import { part } from '../../part.js';
import { isStrong } from '../../theme/page.js';
import type { Stage } from '../stage.js';

export class Strong implements ReactiveController {
  readonly #stage: Stage;
  #isOn = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  hostUpdated(): void {
    const isOn = isStrong(this.#stage.setting('theme'));
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    const { renderRoot } = this.#stage;
    void part(() => import('../../looks/looks.js')).then(({ strengthen }) =>
      strengthen(renderRoot as ShadowRoot, isOn),
    );
  }
}
