// The HTML that an owner pastes. Pure: text in, text out.
import { chosen, type Settings } from './settings.js';

/**
 * The script tag for the settings, as `data-*` attributes of what differs from the standard. `server` is an http(s)
 * address without a slash at its end.
 */
export function snippet(settings: Settings, server: string, site: string): string {
  const attributes = [
    `src="${escapeAttribute(`${server}/afterword.js`)}"`,
    `data-site="${escapeAttribute(site)}"`,
    ...chosen(settings).map(([name, value]) => `data-${name}="${escapeAttribute(value)}"`),
  ];
  const oneLine = `<script async ${attributes.join(' ')}></script>`;
  return attributes.length === 2 ? oneLine : `<script async\n  ${attributes.join('\n  ')}></script>`;
}

/** The address that the snippet names: the server's public one where it is known, else the one of the page. */
export function serverAddress(publicUrl: string | null | undefined, pageOrigin: string): string {
  if (!publicUrl || !URL.canParse(publicUrl)) return pageOrigin;
  const url = new URL(publicUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return pageOrigin;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** `<` and `>` too, so that the snippet may stand inside any other markup. */
function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
