// The configurator's kinds of controls, as templates. Each is a named native input, so that the form hears every change
// in one place and keyboard and screen readers need nothing special. Owns no state.
import { html, svg, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { live } from 'lit/directives/live.js';
import { RADIUS_MAX, RADIUS_STANDARD, type SettingName } from './settings.js';

export interface Choice {
  readonly value: string;
  readonly text: string;
  /** Said instead of the text, where the text alone says too little. */
  readonly said?: string;
  readonly className?: string;
}

const row = (name: SettingName, label: string, control: TemplateResult, hint = '') => html`
  <div class="field">
    <span class="label" id="label-${name}">${label}</span>${control}${
      hint && html`<span class="hint" id="hint-${name}">${hint}</span>`
    }
  </div>
`;

/** One of a few, side by side. */
export const segments = (name: SettingName, label: string, choices: readonly Choice[], value: string, hint = '') =>
  row(
    name,
    label,
    html`<div
      class="segments"
      role="radiogroup"
      aria-labelledby="label-${name}"
      aria-describedby=${ifDefined(hint ? `hint-${name}` : undefined)}
    >
      ${choices.map(
        (choice) =>
          html`<label class="segment">
            <input
              type="radio"
              name=${name}
              value=${choice.value}
              aria-label=${ifDefined(choice.said)}
              .checked=${live(choice.value === value)}
            />
            <span class=${choice.className ?? ''} data-text=${choice.text}>${choice.text}</span>
          </label>`,
      )}
    </div>`,
    hint,
  );

/** One colour of a few, the widget's own ('') first, or any other at the end. */
export const swatches = (name: SettingName, label: string, colours: readonly Choice[], value: string) => {
  const own = value !== '' && !colours.some((colour) => colour.value === value);
  return row(
    name,
    label,
    html`<div class="swatches" role="radiogroup" aria-labelledby="label-${name}">
      ${colours.map(
        (colour) =>
          html`<label class="swatch" title=${colour.text}>
            <input
              type="radio"
              name=${name}
              value=${colour.value}
              aria-label=${colour.text}
              .checked=${live(colour.value === value)}
            />
            ${dot(colour.value || 'own')}
          </label>`,
      )}
      <label class="swatch" title="Any colour">
        <input
          type="color"
          name=${name}
          aria-label="Any colour"
          ?data-chosen=${own}
          .value=${live(value || '#808080')}
        />
        ${dot(own ? value : 'any')}
      </label>
    </div>`,
  );
};

/** Colours stand in attributes of the drawing, because a `style` attribute would need a looser content security policy. */
const dot = (fill: string) => html`
  <svg class="dot" viewBox="0 0 28 28" aria-hidden="true" focusable="false">
    <circle class="ring" cx="14" cy="14" r="13" stroke-width="1.5" />
    ${
      fill === 'own'
        ? svg`<circle class="by-itself" cx="14" cy="14" r="10" />`
        : fill === 'any'
          ? WHEEL.map((colour, at) => svg`<path fill=${colour} d=${wedge(at)} />`)
          : svg`<circle cx="14" cy="14" r="10" fill=${fill} />`
    }
  </svg>
`;

const WHEEL = ['#d64545', '#d6a045', '#7fb34d', '#3fa7a0', '#4a7fd6', '#9a5fd0'];

/** The sixth of a disc of radius 10 around (14, 14) that is the `at`th from the top. */
function wedge(at: number): string {
  const point = (sixth: number) => {
    const angle = (sixth * Math.PI) / 3;
    return `${(14 + 10 * Math.sin(angle)).toFixed(2)} ${(14 - 10 * Math.cos(angle)).toFixed(2)}`;
  };
  return `M14 14 ${point(at)}A10 10 0 0 1 ${point(at + 1)}Z`;
}

/** Pixels from 0 to `RADIUS_MAX`. */
export const slider = (name: SettingName, label: string, value: string) => {
  const shown = value || String(RADIUS_STANDARD);
  return row(
    name,
    label,
    html`<div class="slider">
      <input
        type="range"
        name=${name}
        min="0"
        max=${RADIUS_MAX}
        aria-labelledby="label-${name}"
        aria-valuetext="${shown} pixels"
        .value=${live(shown)}
      />
      <span class="value" aria-hidden="true">${shown} px</span>
    </div>`,
  );
};

export const menu = (name: SettingName, label: string, choices: readonly Choice[], value: string) =>
  row(
    name,
    label,
    html`<select name=${name} aria-labelledby="label-${name}">
      ${choices.map(
        (choice) =>
          html`<option
            value=${choice.value}
            lang=${ifDefined(name === 'lang' && choice.value ? choice.value : undefined)}
            .selected=${live(choice.value === value)}
          >
            ${choice.text}
          </option>`,
      )}
    </select>`,
  );

/** `value` is not bound live: what is being typed may differ from what was accepted, a space at the end for one. */
export const line = (
  name: SettingName,
  label: string,
  value: string,
  maxLength: number,
  placeholder: string,
  hint = '',
) =>
  row(
    name,
    label,
    html`<input
      type="text"
      name=${name}
      maxlength=${maxLength}
      placeholder=${placeholder}
      spellcheck="false"
      aria-labelledby="label-${name}"
      aria-describedby=${ifDefined(hint ? `hint-${name}` : undefined)}
      .value=${value}
    />`,
    hint,
  );
