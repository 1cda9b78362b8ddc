// Owns the question whether a page's origin belongs to a site. Compares parsed origins only (scheme, host, port), never
// text by prefix or suffix. Knows nothing of sites, requests or where the list comes from.

interface Origin {
  scheme: string;
  host: string;
  /** '' is the scheme's own port, '*' (allowed entries only) any port. */
  port: string;
}

/** Scheme, host and port and nothing behind them: no path, query, user name, white space or backslash. */
const SHAPE = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^\s\p{Cc}/\\?#@:[\]]+)(?::(\d{1,5}|\*))?$/iu;

/**
 * Whether a browser's `Origin` header is one of the allowed origins. Hosts are equal without regard to case, to IDN or
 * punycode spelling and to one trailing dot; a scheme's own port may be written or left out. An allowed entry
 * `http://localhost:*` stands for every port of that host. Anything that is not an http(s) origin is refused, `null` too.
 */
export function isOriginAllowed(origin: string, allowed: readonly string[]): boolean {
  const asked = parse(origin);
  if (!asked || asked.port === '*') return false;
  return allowed.some((entry) => {
    const known = parse(entry);
    return (
      known !== null &&
      known.scheme === asked.scheme &&
      known.host === asked.host &&
      (known.port === '*' || known.port === asked.port)
    );
  });
}

/** An entry that can't stand in a site's list; the message says what to write instead. */
export class OriginError extends Error {
  override readonly name = 'OriginError';
}

/** The one spelling of an entry for a site's list, `https://example.com` or `http://localhost:*`. Throws an OriginError. */
export function normaliseOrigin(entry: string): string {
  const text = entry.trim();
  const shown = JSON.stringify(text.slice(0, 200));
  const parsed = parse(text);
  if (parsed) return `${parsed.scheme}://${parsed.host}${parsed.port && `:${parsed.port}`}`;
  throw new OriginError(`${shown} is not an origin: ${reason(text)}`);
}

function parse(text: string): Origin | null {
  const match = SHAPE.exec(text);
  if (!match) return null;
  const [, scheme = '', name = '', port = ''] = match;
  if (name.includes('*')) return null;
  try {
    const url = new URL(`${scheme}://${name}${port && port !== '*' ? `:${port}` : ''}`);
    // The root's dot is the same host in DNS; browsers keep it in the origin.
    const host = url.hostname.replace(/\.$/, '');
    if (host === '' || host.endsWith('.')) return null;
    return { scheme: url.protocol.slice(0, -1), host, port: port === '*' ? '*' : url.port };
  } catch {
    return null;
  }
}

function reason(text: string): string {
  if (text === 'null') return 'pages opened from disk have none. Serve the page over http, even from localhost.';
  if (!/^https?:\/\//i.test(text)) return 'write it with its scheme, as https://example.com.';
  const rest = text.replace(/^https?:\/\//i, '');
  if (rest.includes('@')) return 'leave out the user name.';
  if (/[/\\?#]/.test(rest)) return 'leave out everything behind the host and port, the last slash too.';
  if (/^[^:]*\*/.test(rest)) return 'a host can not hold a star. List every host that the site uses.';
  return 'write scheme, host and perhaps a port, as https://example.com or http://localhost:*.';
}
