// Owns which addresses a reply may link to, and how they are written.
import { URL_MAX } from '../../shared/limits.js';

/** What a stranger's link says to search engines and to the page that it opens. */
export const LINK_REL = 'nofollow ugc noopener';

/** A parsed host may hold quotes and brackets; none that is reachable does. */
const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])$/;
const MAILBOX = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+$/;

/** How an address begins where its host is what a reader sees first. */
const PREFIX = /^(?:https?:\/\/)?(?:www\.)?/i;

/** The host that a link leads to; null for mail. */
export function hostOf(href: string): string | null {
  return new URL(href).hostname.replace(PREFIX, '') || null;
}

/** The same where the text of the link doesn't begin with it; null where it does. */
export function unseenHost(href: string, text: string): string | null {
  const host = hostOf(href);
  if (host === null) return null;
  const shown = text.trim().toLowerCase().replace(PREFIX, '');
  return shown.startsWith(host) && /^(?:[/?#:]|$)/.test(shown.slice(host.length)) ? null : host;
}

/** Whether this is how the address itself is written in a text. */
export function isAddress(href: string, text: string): boolean {
  return safeHref(/^www\./i.test(text) ? `http://${text}` : text) === href;
}

/**
 * The address as a browser would read it, or null where it is not one to link to: http, https and mailto only, absolute,
 * without user name or password (`https://bank.example@evil.example`), at most `URL_MAX` characters. Idempotent.
 */
export function safeHref(address: string): string | null {
  if (!/^(?:https?:\/\/|mailto:)/i.test(address) || address.length > URL_MAX || !URL.canParse(address)) return null;
  const url = new URL(address);
  const reachable = url.protocol === 'mailto:' ? MAILBOX.test(url.pathname) : HOST.test(url.hostname);
  if (!reachable || url.username || url.password || url.href.length > URL_MAX) return null;
  return url.href;
}
