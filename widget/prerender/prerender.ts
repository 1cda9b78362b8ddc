// The first page of a discussion as HTML, made by the server for the owner's page (HTTP5): a declarative shadow root with the
// discussion as its own templates draw it, and the snapshot that it shows. Runs under Node; the one part of the widget that
// the server knows.
import type { Snapshot, Sort } from '../../shared/views.js';
import { rootTemplate } from '../elements/discussion/frame.js';
import type { Stage } from '../elements/stage.js';
import { wordsFor, type Load } from '../i18n/languages.js';
import type { Words } from '../i18n/words.js';
import { ThreadState } from '../state/thread.js';
import { escape, Markup } from './markup.js';

export interface Wanted {
  site: string;
  sort: Sort;
  /** What is discussed. */
  title: string;
  /** As the attribute. */
  heading: string;
  /** A language tag; '' for English. */
  lang: string;
  /** As text in the page, or the address of the same styles for pages that allow no inline ones. */
  styles: { text: string } | { href: string };
}

const load: Load = (language) => import(`../i18n/${language}.ts`) as ReturnType<Load>;

/** The element, ready to stand in a page. */
export async function prerender(snapshot: Snapshot, wanted: Wanted): Promise<string> {
  const { site, sort, title, heading, lang, styles } = wanted;
  const words = await wordsFor(load, lang);
  const view = new ThreadState(sort);
  view.loaded(snapshot);
  const settings: Record<string, string> = { site, thread: snapshot.thread.key, title, sort, heading, lang };
  const stage: Partial<Stage> = {
    view,
    words: datedIn(words),
    kits: null,
    kit: null,
    folded: new Set(),
    subject: title,
    setting: (name) => settings[name] ?? '',
  };
  const isLinked = 'href' in styles;
  const markup = new Markup((css) => (isLinked ? hueOf(css) : css && ` style="${escape(css)}"`));
  const attributes = Object.entries(settings).map(([name, value]) => value && ` ${name}="${escape(value)}"`);
  const style = isLinked ? `<link rel="stylesheet" href="${escape(styles.href)}">` : `<style>${styles.text}</style>`;
  return (
    `<afterword-discussion${attributes.join('')}><template shadowrootmode="open"><div id="given">${style}` +
    markup.of(rootTemplate(stage as Stage, { own: false, css: '' })) +
    `<script type="application/json">${JSON.stringify(snapshot).replaceAll('<', '\\u003c')}</script>` +
    '</div></template></afterword-discussion>\n'
  );
}

/** Where styles come by a link alone, the hue of an author is an attribute that they know. */
function hueOf(css: string): string {
  const [, hue] = /^--_hue:(\d+)$/.exec(css) ?? [];
  return hue ? ` data-hue="${hue}"` : '';
}

/** A page may be kept for hours: it tells the day, which stays true, where the discussion says how long ago. */
function datedIn(words: Words): Words {
  const days = words.times.by('DateTimeFormat', { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    lang: words.lang,
    dir: words.dir,
    say: words.say.bind(words),
    fill: words.fill.bind(words),
    times: { ago: (then: number) => days.format(then) },
  } as unknown as Words;
}
