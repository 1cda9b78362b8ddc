// First pages as HTML for the owners' own pages (HTTP5): what can be asked for, and what an answer depends on. How the
// discussion is drawn is the widget's (`widget/prerender/`), which this file alone may import.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { TITLE_MAX } from '../../shared/limits.js';
import type { Sort } from '../../shared/views.js';
import { prerender } from '../../widget/prerender/prerender.js';
import type { Admission } from '../admission.js';
import { wellFormed } from '../socket/schemas.js';
import type { Threads } from '../threads/threads.js';
import { FirstPages, type Form } from './first-pages.js';

const LANGUAGE_MAX = 35;
/** Of their own: who asks for many titles must not drive out what the widget asks for. */
const KEPT_BYTES = 32 * 1024 * 1024;
const STYLES = /^page-[\w-]{6}\.css$/;
/** Of authors, for pages that allow no style attributes; others need none of it. */
const HUES = /\[data-hue[^}]*\}/g;

/** Beside what a first page is asked for with. */
export const FragmentQuery = {
  title: wellFormed(TITLE_MAX).min(1),
  heading: wellFormed(TITLE_MAX).default(''),
  lang: wellFormed(LANGUAGE_MAX).default(''),
  styles: z.enum(['inline', 'link']).default('inline'),
};

export interface FragmentsOptions {
  threads: Pick<Threads, 'version' | 'snapshot'>;
  admission: Pick<Admission, 'enter'>;
  /** The build's folder. */
  dist: string;
  publicUrl: string | null;
  /** Of this program. */
  version: string;
}

interface Asked {
  site: string;
  key: string;
  sort: Sort;
  limit: number;
  title: string;
  heading: string;
  lang: string;
  styles: 'inline' | 'link';
}

export class Fragments {
  readonly pages: FirstPages;
  readonly #publicUrl: string | null;
  readonly #styles: { name: string; text: string };
  /** What is the same for all of them, and another one where any of it changes. */
  readonly #made: string;

  private constructor(
    { threads, admission, publicUrl, version }: FragmentsOptions,
    styles: { name: string; text: string },
  ) {
    this.pages = new FirstPages(threads, admission, KEPT_BYTES);
    this.#publicUrl = publicUrl;
    this.#styles = styles;
    this.#made = `${version} ${styles.name}`;
  }

  static async make(options: FragmentsOptions): Promise<Fragments> {
    const folder = join(options.dist, 'widget');
    const name = (await readdir(folder)).find((file) => STYLES.test(file));
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
    return new Fragments(options, { name: name ?? '', text: text.replace(HUES, '') });
  }

  /** Whether the page holds the address at which the server was reached. */
  tellsServer({ styles }: Pick<Asked, 'styles'>): boolean {
    return styles === 'link' && this.#publicUrl === null;
  }

  /** `server`: as who asks has reached it, where its public address is not set. */
  form({ site, sort, title, heading, lang, styles, key, limit }: Asked, server: string): Form {
    const href = `${this.#publicUrl ?? server}/widget/${this.#styles.name}`;
    const all = [this.#made, site, key, sort, limit, title, heading, lang, styles, styles === 'link' && href];
    return {
      name: createHash('sha256').update(JSON.stringify(all)).digest('base64url').slice(0, 16),
      write: (snapshot) =>
        prerender(snapshot, {
          site,
          sort,
          title,
          heading,
          lang,
          styles: styles === 'link' ? { href } : { text: this.#styles.text },
        }),
    };
  }
}
