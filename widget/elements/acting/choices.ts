// The votes and reactions on the line under a reply. Owns which of them there are here and how they are drawn; what
// becomes of a choice is `state/mine.ts`.
import { html, nothing } from 'lit';
import type { Reply, Voting } from '../../../shared/views.js';
import type { Mine, Value, What } from '../../state/mine.js';
import type { Stage } from '../stage.js';
import { icon } from './icon.js';

const UP = 'M8 4l5.5 7h-11z';
const DOWN = 'M8 12l5.5-7h-11z';
const SMILE = 'M1.5 8a6.5 6.5 0 1 0 13 0 6.5 6.5 0 1 0-13 0M6 6h0m4 0h0M5 9q3 3.5 6 0';

/** The owner's choice for this page, within what the site takes. */
export function votingOf(stage: Stage): Voting {
  const [site, page] = [stage.view.rules?.votes ?? 'updown', stage.setting('votes') || 'up'];
  if (site === 'none' || page === 'none') return 'none';
  return site === page ? site : 'up';
}

export function reactionsOf(stage: Stage): string[] {
  const page = stage.setting('reactions') || 'on';
  const site = stage.view.rules?.reactions ?? [];
  return page === 'on' ? site : site.filter((emoji) => page.includes(emoji));
}

/** What is done with a choice, and with the button that asks for one more. */
export interface Chooser {
  mine: Mine;
  choose(reply: Reply, what: What, value: Value): unknown;
  pick(reply: Reply, button: HTMLElement): unknown;
}

export function choices(stage: Stage, reply: Reply, { mine, choose, pick }: Chooser): unknown {
  const { words, view } = stage;
  const [voting, emoji] = [votingOf(stage), reactionsOf(stage)];
  const isClosed = view.thread?.state === 'closed';
  const by = `by-${reply.id}`;
  const of = (what: What) => mine.of(reply, what);
  const number = (n: number) => html`<span class="n" part="count">${words.fill('{n}', { n })}</span>`;
  const button = (what: What, to: Value, name: unknown, face: unknown) => {
    const isOn = of(what).value === to;
    return html`<button
      class=${what ? 'chip' : 'icon'}
      part=${what ? 'reaction' : 'vote'}
      aria-label=${name}
      aria-pressed=${isOn}
      aria-describedby=${by}
      ?disabled=${isClosed}
      @click=${() => choose(reply, what, isOn ? 0 : to)}
    >
      ${face}
    </button>`;
  };
  const vote = of('');
  // None is no news; its room stays, so that nothing moves when the first comes.
  const score = (n: number) =>
    html`${n ? html`<span class="unseen">${words.say('score', { n })}</span>` : nothing}<span
        class="n"
        part="count"
        aria-hidden="true"
        >${n ? words.fill('{n}', { n }) : nothing}</span
      >`;
  const isOwn = reply.author.id === view.you?.me?.id;
  // Most replies have none.
  const offered = reply.reactions || mine.waits(reply.id) ? emoji : [];
  const chosen = offered.map((one) => ({ one, ...of(one) })).filter(({ count }) => count > 0);
  return html`${
    voting === 'none' || (isOwn && !vote.count)
      ? nothing
      : html`<span class="votes" part="votes"
          >${isOwn ? icon(UP) : button('', 1, words.say('voteUp'), icon(UP))}${score(vote.count)}${
            isOwn || voting === 'up' ? nothing : button('', -1, words.say('voteDown'), icon(DOWN))
          }</span
        >`
  }${
    chosen.length
      ? html`<span class="chips" part="reactions"
          >${chosen.map(({ one, value, count: n }) =>
            button(one, 1, value ? words.say('reacted', { emoji: one, n }) : nothing, html`${one} ${number(n)}`),
          )}</span
        >`
      : nothing
  }${
    emoji.length && !isClosed
      ? html`<button
          part="button"
          class="icon"
          aria-label=${words.say('react')}
          aria-describedby=${by}
          @click=${({ currentTarget }: Event) => pick(reply, currentTarget as HTMLElement)}
        >
          ${icon(SMILE)}
        </button>`
      : nothing
  }`;
}
