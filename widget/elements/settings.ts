// What a site owner can set, on the script tag or on the element, and what follows from it for one element: the
// thread's key and the address of its snapshot. Part of the loader, which hands it to the reader: small, and free of
// everything else.
import { threadKey } from '../state/key.js';

export const TAG = 'afterword-discussion';

export type Setting =
  | 'site'
  | 'thread'
  | 'title'
  | 'theme'
  | 'accent'
  | 'radius'
  | 'font'
  | 'density'
  | 'look'
  | 'lang'
  | 'sort'
  | 'pace'
  | 'votes'
  | 'reactions'
  | 'heading'
  | 'server';

export interface Settings {
  /**
   * The element's own attribute, else what the script tag says, else ''. `server` is where the script came from; a `sort`
   * that does not exist is `oldest`.
   */
  get(element: Element, name: Setting): string;
  /** PAGE2, for this element in this page as it is now. */
  key(element: Element): string;
  /** Where its first page of replies is fetched. */
  address(element: Element): string;
}

/** `defaults`: what the script tag says, for every element that says nothing itself. */
export function settingsOf(defaults: Record<string, string | undefined>): Settings {
  const get = (element: Element, name: Setting) => {
    const value = element.getAttribute(name) || defaults[name] || '';
    return name !== 'sort' || value === 'newest' || value === 'best' ? value : 'oldest';
  };
  const key = (element: Element) =>
    threadKey(
      location.href,
      get(element, 'thread'),
      document.querySelector<HTMLLinkElement>('link[rel~=canonical]')?.href,
    );
  const address = (element: Element) => {
    const query = new URLSearchParams({ key: key(element), sort: get(element, 'sort') });
    return `${get(element, 'server')}/api/v1/sites/${encodeURIComponent(get(element, 'site'))}/thread?${query}`;
  };
  return { get, key, address };
}
