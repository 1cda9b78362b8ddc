// What the configurator shows for given settings: the controls and the snippet. Pure templates; main.ts hears the form.
import { html, type TemplateResult } from 'lit';
import { KEY_MAX, TITLE_MAX } from '../shared/limits.js';
import { type Choice, line, menu, segments, slider, swatches } from './controls.js';
import { LANGUAGES } from './languages.js';
import { SAMPLE_KEY } from './sample.js';
import type { Settings } from './settings.js';

const THEMES: readonly Choice[] = [
  { value: 'auto', text: 'Auto' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
  { value: 'contrast', text: 'Strong', said: 'Strong contrast' },
];
const LOOKS: readonly Choice[] = [
  { value: 'plain', text: 'Plain', said: 'Plain, as your page' },
  { value: 'paper', text: 'Paper', said: 'Paper, a letters page', className: 'face-serif' },
  { value: 'compact', text: 'Compact', said: 'Compact, for busy threads' },
];
const ACCENTS: readonly Choice[] = [
  { value: '', text: 'The widget’s own' },
  { value: '#c2352a', text: 'Rubric' },
  { value: '#b45309', text: 'Amber' },
  { value: '#2f7d4f', text: 'Moss' },
  { value: '#0e7490', text: 'Lagoon' },
  { value: '#8f52cc', text: 'Plum' },
];
const FONTS: readonly Choice[] = [
  { value: '', text: 'Page', said: 'The page’s own', className: 'face-serif' },
  { value: 'serif', text: 'Serif', className: 'face-serif' },
  { value: 'system-ui', text: 'Sans' },
  { value: 'monospace', text: 'Mono', className: 'face-mono' },
];
const PACES: readonly Choice[] = [
  { value: 'auto', text: 'As it fits' },
  { value: 'hold', text: 'Wait behind a button' },
  { value: 'anchor', text: 'In place, the line that is read held still' },
  { value: 'follow', text: 'Follow, as in a chat' },
  { value: 'pause', text: 'Pause until asked for' },
];
const VOTES: readonly Choice[] = [
  { value: 'up', text: 'Up' },
  { value: 'updown', text: 'Up, down', said: 'Up and down' },
  { value: 'none', text: 'None' },
];
const REACTIONS: readonly Choice[] = [
  { value: 'on', text: 'On', said: 'Those of the site' },
  { value: 'none', text: 'None' },
];
const SORTS: readonly Choice[] = [
  { value: 'oldest', text: 'Oldest', said: 'Oldest first' },
  { value: 'newest', text: 'Newest', said: 'Newest first' },
  { value: 'best', text: 'Best', said: 'Best first' },
];
const LANGUAGE_CHOICES: readonly Choice[] = [
  { value: '', text: 'The page’s own' },
  ...LANGUAGES.map(({ code, name }) => ({ value: code, text: name })),
];

/** The whole form. `said` is the last thing that happened, for everybody to read and for screen readers to say. */
export const panel = (settings: Settings, code: string, said: string): TemplateResult => html`
  <div class="fields">
    ${segments('look', 'Look', LOOKS, settings.look)}
    ${segments('theme', 'Theme', THEMES, settings.theme, 'Your own page stays as it is.')}
    ${swatches('accent', 'Accent', ACCENTS, settings.accent)} ${slider('radius', 'Corners', settings.radius)}
    ${segments('font', 'Font', FONTS, settings.font)} ${segments('sort', 'Order', SORTS, settings.sort)}
    ${menu('pace', 'What arrives', PACES, settings.pace)} ${segments('votes', 'Votes', VOTES, settings.votes)}
    ${segments('reactions', 'Reactions', REACTIONS, settings.reactions)}
    ${menu('lang', 'Language', LANGUAGE_CHOICES, settings.lang)}
    ${line('heading', 'Heading', settings.heading, TITLE_MAX, '{n} replies on “{title}”')}
    ${line('thread', 'Thread', settings.thread, KEY_MAX, SAMPLE_KEY, 'Enter or leave the box to apply.')}
  </div>
  <div class="snippet">
    <h3 id="snippet-title">Paste this into your page</h3>
    <pre
      id="snippet"
      class=${code.includes('\n') ? 'lines' : ''}
      role="region"
      tabindex="0"
      aria-labelledby="snippet-title"
    ><code>${coloured(code)}</code></pre>
    <p class="hint">
      ${
        settings.thread === SAMPLE_KEY
          ? 'It opens the discussion of the page that you paste it into, not this one.'
          : 'It opens the thread that you chose, whichever page you paste it into.'
      }
    </p>
    <div class="snippet-actions">
      <button type="button" class="button button-small primary" name="copy">Copy</button>
      <button type="reset" class="button button-small">Reset</button>
      <span class="said" role="status">${said}</span>
    </div>
  </div>
`;

/** The same characters, attribute names and values apart in colour. No line is broken inside an attribute. */
function coloured(code: string): unknown[] {
  return code.split(/([\w-]+="[^"]*"(?:><\/script>)?)/).map((piece) => {
    const [, name, value, end] = /^([\w-]+=)("[^"]*")(.*)$/s.exec(piece) ?? [];
    if (!value) return piece;
    return html`<span class="unbroken"
      ><span class="code-name">${name}</span><span class="code-value">${value}</span>${end}</span
    >`;
  });
}
