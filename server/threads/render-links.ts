// Owns which addresses a reply may link to, and how they are written.
import { URL_MAX } from '../../shared/limits.js';

/** What a stranger's link says to search engines and to the page that it opens. */
export const LINK_REL = 'nofollow ugc noopener';

/**
 * The address as a browser would read it, or null where it is not one to link to: http, https and mailto only, absolute,
 * without user name or password (`https://bank.example@evil.example`), at most `URL_MAX` characters. Idempotent.
 */
export function safeHref(address: string): string | null {
  if (!/^(?:https?:\/\/|mailto:)/i.test(address) || address.length > URL_MAX || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.username || url.password || url.href.length > URL_MAX) return null;
  if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : null;
  return url.href;
}
