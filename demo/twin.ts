// The other name of this machine. `localhost` and `127.0.0.1` reach the same server but are two origins, so a page of
// the one is a foreign page to the other, and a reader there is another person with a storage of their own. Pure.

const TWINS: ReadonlyMap<string, string> = new Map([
  ['localhost', '127.0.0.1'],
  ['127.0.0.1', 'localhost'],
]);

/** The origin of the same port under the other name; null where this host has none. */
export function twinOrigin(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  const url = new URL(origin);
  const twin = TWINS.get(url.hostname);
  if (!twin) return null;
  url.hostname = twin;
  return url.origin;
}
