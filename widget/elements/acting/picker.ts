// The emoji that a site offers, to choose from: one row that arrow keys walk through.
import { html, type TemplateResult } from 'lit';

/** `isOn`: whether this reader has chosen it. */
export function pickerTemplate(
  emoji: readonly string[],
  isOn: (one: string) => boolean,
  press: (one: string) => void,
): TemplateResult {
  return html`<div class="emoji" role="toolbar" @keydown=${walk}>
    ${emoji.map(
      (one, i) =>
        html`<button part="choice" tabindex=${i ? -1 : 0} aria-pressed=${isOn(one)} @click=${() => press(one)}>
          ${one}
        </button>`,
    )}
  </div>`;
}

/** As the eye sees them: the right arrow goes right in every direction of writing. */
function walk(event: KeyboardEvent): void {
  const row = event.currentTarget as HTMLElement;
  const all = [...row.children] as HTMLElement[];
  const at = all.indexOf(event.target as HTMLElement);
  const isRtl = getComputedStyle(row).direction === 'rtl';
  const steps: Record<string, number> = {
    ArrowRight: at + (isRtl ? -1 : 1),
    ArrowLeft: at + (isRtl ? 1 : -1),
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: -1,
  };
  const to = steps[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all.at(to % all.length)!;
  for (const one of all) one.tabIndex = one === next ? 0 : -1;
  next.focus();
}
