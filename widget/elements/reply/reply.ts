// One reply and the branch below it. A template function, not an element: a thread is one tree of plain articles, keyed
// by id, so that find-in-page, printing and screen readers take it for the text it is.
import { html, noChange, nothing, type TemplateResult } from 'lit';
import { keyed } from '../keyed.js';
import { DEPTH_MAX, PAGE_DEFAULT } from '../../../shared/limits.js';
import type { More, Node } from '../../state/types.js';
import { safeHtml } from '../safe-html.js';
import type { Stage } from '../stage.js';
import { hue, initials } from './avatar.js';

/** Siblings top to bottom, with the button for those that are not loaded where they belong. `level`: of their headings. */
export function listTemplate(
  stage: Stage,
  nodes: readonly Node[],
  more: More | undefined,
  parent: string | null,
  level = 3,
): unknown {
  const way = stage.kit?.paging.get(parent);
  const button = ({ count }: More): TemplateResult =>
    html`<button class="more" part="more" aria-busy=${way === 'moreLoading'} @click=${() => stage.kit?.more(parent)}>
      ${stage.words.say(way ?? (parent ? 'moreInBranch' : 'more'), { n: parent ? bringsOf(stage, count) : count })}
    </button>`;
  const items: (Node | More)[] = [...nodes];
  if (more) items.splice(more.after, 0, more);
  // One list, of which the button is an item: what stands behind it keeps its nodes, and so its place, the focus and what is
  // being written there, when that is on a page that comes. At another place it is another one, so that nothing else moves.
  return keyed(
    items,
    (item) => ('reply' in item ? item.reply.id : `${item.after}`),
    (item, drawn) => {
      if (!('reply' in item)) return button(item);
      return stage.kit?.isDrawn(item, drawn as Node) ? noChange : nodeTemplate(stage, item, level);
    },
  );
}

/** What one press brings of a branch: all that is inside, or as many answers as a page holds. */
function bringsOf({ view }: Stage, count: number): number {
  const inside = count + view.tree().hidden;
  return inside > PAGE_DEFAULT ? Math.min(count, PAGE_DEFAULT) : inside;
}

function nodeTemplate(stage: Stage, node: Node, level: number): TemplateResult {
  const { reply, children, more } = node;
  const { kit } = stage;
  return html`<div class="node">
    ${articleTemplate(stage, node, level)} ${kit?.composer(reply.id)}
    ${
      more || children.length
        ? html`<div class="branch" part="branch">
            ${kit?.fold(node)}
            ${
              stage.folded.has(reply.id)
                ? nothing
                : (kit?.beyond(node) ??
                  html`<div class="children">${listTemplate(stage, children, more, reply.id, level + 1)}</div>`)
            }
          </div>`
        : nothing
    }
  </div>`;
}

function articleTemplate(stage: Stage, node: Node, level: number): TemplateResult {
  const { reply, pending, fresh } = node;
  const { id, author } = reply;
  const { words, kit } = stage;
  if (reply.state === 'removed') {
    return html`<article class="removed" id=${id} tabindex="-1" part="reply">
      <h3 class="by soft" aria-level=${level}>${words.say('removed')}${kit?.actions(node)}</h3>
    </article>`;
  }
  const time = Date.parse(reply.createdAt);
  const badge = author.badge !== 'guest' && author.badge;
  return html`<article
    class=${pending ? 'pending' : fresh ? 'fresh' : ''}
    id=${id}
    tabindex="-1"
    part="reply"
    aria-labelledby="by-${id}"
  >
    <span class="avatar" part="avatar" aria-hidden="true" .style=${`--_hue:${hue(author.id)}`}
      >${initials(author.name)}</span
    >
    <h3 class="by" part="by" id="by-${id}" aria-level=${level}>
      <bdi class="name" part="author">${author.name}</bdi>
      ${badge ? html`<span class="badge" part="badge">${words.say(badge)}</span>` : nothing}
      <span class="at"
        ><a class="soft" href="#reply-${id}"
          ><time part="time" datetime=${reply.createdAt} title=${kit?.moment(time) ?? nothing}
            >${words.times.ago(time, Date.now())}</time
          ></a
        >${kit ? kit.answered(reply) : reply.parent && html`<a>↰</a>`}</span
      >
      ${reply.editedAt ? (kit?.edited(reply) ?? words.say('edited')) : nothing}
    </h3>
    ${
      kit?.editor(node) ??
      html`<div class="body" part="body" dir="auto" ${safeHtml(reply.html, pending?.body)}></div>
        <p class="actions" part="actions">
          ${
            pending || stage.view.thread?.state === 'closed' || reply.depth >= DEPTH_MAX
              ? nothing
              : html`<button part="button" aria-describedby="by-${id}" @click=${() => stage.write({ under: id })}>
                  ${words.say('reply')}
                </button>`
          }
          ${kit?.actions(node)}
        </p>`
    }
  </article>`;
}
