// What stands around and in place of the list: the heading and the states of loading, emptiness and failure.
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from '../keyed.js';
import { listTemplate } from '../reply/reply.js';
import type { Dress } from '../../theme/dress.js';
import type { Stage } from '../stage.js';

/** The discussion, all that stands in its shadow root. */
export function rootTemplate(stage: Stage, { own, css }: Dress): TemplateResult {
  return html`<section
    id="root"
    part="discussion"
    class=${own ? 'own' : ''}
    .style=${css}
    lang=${stage.words.lang}
    dir=${stage.words.dir}
    title=""
    aria-label=${stage.subject}
  >
    ${frameTemplate(stage)}
  </section>`;
}

/** In the order in which it is read. */
function frameTemplate(stage: Stage): TemplateResult {
  const { view, kit, words } = stage;
  const tree = view.tree();
  const oldestFirst = view.sort === 'oldest';
  // Who is refused while reading (the server was updated) keeps what is on the page, and what is being written.
  const ready = view.phase.is === 'ready' || (view.phase.is === 'refused' && view.held);
  const writing = ready ? composerPlace(stage) : nothing;
  return html`${headerTemplate(stage)}${oldestFirst ? nothing : writing}
    <div class="list" part="list" aria-busy=${view.phase.is === 'loading'}>
      ${kit?.top()}${oldestFirst ? nothing : kit?.arrivals()}
      ${ready ? (tree.roots.length ? listTemplate(stage, tree.roots, tree.more, null) : note(words.say('empty'))) : stateTemplate(stage)}
    </div>
    ${oldestFirst ? html`${kit?.arrivals()}${writing}` : nothing}`;
}

function headerTemplate(stage: Stage): TemplateResult {
  const { words, view, subject, kit } = stage;
  const heading = stage.setting('heading');
  // The title stands for itself, whatever direction it has: nothing around it turns with it. Drawn anew with each count,
  // because a title that was pushed along by a longer number would count as a shift.
  const n = view.count;
  const values = { n, count: n, title: '\0' };
  const text = heading ? words.fill(heading, values) : view.thread ? words.say('heading', values) : subject;
  return html`<header part="header">
    <h2 part="heading" dir="auto" tabindex="-1">
      ${keyed([text], String, () => text.split('\0').map((part, i) => [i ? html`<bdi>${subject}</bdi>` : '', part]))}
    </h2>
    ${kit?.status()}
  </header>`;
}

/**
 * Holds the place from the first paint on, so that nothing moves when the composer comes. Who writes when the discussion is
 * closed keeps the form.
 */
function composerPlace({ view, words, kit }: Stage): TemplateResult {
  const isClosed = view.thread?.state === 'closed';
  return html`<div class=${isClosed ? '' : 'place'}>
    ${isClosed ? note(words.say('closed')) : nothing} ${kit?.composer(null)}
  </div>`;
}

/** The button gives way to what it loads: who pressed it by key goes on at the heading. */
function loadAgain(stage: Stage, { target }: Event): void {
  (target as Element).closest('section')!.querySelector('h2')!.focus();
  stage.open();
}

function note(text: string): TemplateResult {
  return html`<p class="note" part="note">${text}</p>`;
}

/** In place of what is not there. */
function stateTemplate(stage: Stage): TemplateResult {
  const { words, view, kits } = stage;
  const { phase } = view;
  if (phase.is === 'loading') return html`<div class="skeleton"></div>`;
  // The reason is told with the second download.
  return html`<p class="note" part="note" role="alert">
    ${(phase.is === 'refused' && kits?.refusal(stage, phase.error)) || words.say('broken')}
    ${
      phase.is === 'broken'
        ? html`<button class="quiet" part="button" @click=${(event: Event) => loadAgain(stage, event)}>
            ${words.say('tryAgain')}
          </button>`
        : nothing
    }
  </p>`;
}
