// Reads database addresses (`postgres://...`). Owns what an address may look like and how it is shown to people; opens
// nothing and knows no defaults of its own.
import { whole } from '../whole.js';

/** Where one Postgres database is, in the terms of the driver. `socketFolder` is set for a unix socket. */
export interface DatabaseAddress {
  /** The address as the driver takes it, without the parameters that it would pass on to the server by mistake. */
  url: string;
  socketFolder?: string;
  /** Of the first host, where there are several. */
  port: number;
  /** The host without its brackets, where it is an IPv6 address: the driver takes none in its address. */
  ipv6?: string;
  /** `one:5432,two:5433`, where the driver is to find out which of them serves. */
  hosts?: string;
}

/** What stands between the password and the path. Several hosts are no URL; the driver takes them all the same. */
const HOSTS = /(?<=^[a-z]+:\/\/(?:[^/?#]*@)?)[^/?#@]*(?=[/?]|$)/i;

/** As it stands in an address, or as libpq takes it among the parameters. */
const IPV6 = /^\[?([0-9a-f:.]*:[0-9a-f:.]*)\]?$/i;

/** Parameters that libpq acts on and that our driver would send to the server, which refuses names it doesn't know. */
const LIBPQ_ONLY = ['host', 'port', 'channel_binding', 'gssencmode', 'sslcert', 'sslkey', 'sslrootcert'];
/** By it a restore knows that a server runs. */
const OURS = ['application_name'];

/**
 * Parses `postgres://user:password@host:port/name?parameters`. As in libpq, a `host` parameter wins over the address,
 * and a host that begins with `/` is the folder of a unix socket: `postgres:///talk?host=/var/run/postgresql`.
 * Several hosts stand with commas between, each with its port. Throws an Error that doesn't quote the address, because it may hold a password.
 */
export function parseAddress(address: string): DatabaseAddress {
  const url = parseUrl(address);
  const hosts = url.searchParams.has('host') ? null : severalHosts(address);
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const port = whole(url.searchParams.get('port') ?? (url.port || '5432'), 1, 65_535);
  if (port === undefined) throw new Error('The port in the database address is a number from 1 to 65535.');
  for (const name of [...LIBPQ_ONLY, ...OURS]) {
    // `system` is the one value of sslrootcert that the driver understands; files of certificates it can't take.
    if (name === 'sslrootcert' && url.searchParams.get(name) === 'system') continue;
    url.searchParams.delete(name);
  }
  // What libpq does where nothing is said; the driver doesn't know the word.
  if (url.searchParams.get('target_session_attrs') === 'any') url.searchParams.delete('target_session_attrs');
  if (host.startsWith('/')) return { url: url.href, socketFolder: host, port };
  if (hosts !== null) return { url: url.href.replace(HOSTS, hosts), port, hosts };
  const [, ipv6] = IPV6.exec(host) ?? [];
  if (host !== '' && host !== decodeURIComponent(url.hostname)) url.hostname = ipv6 === undefined ? host : `[${ipv6}]`;
  if (port !== 5432) url.port = String(port);
  return { url: url.href, port, ...(ipv6 === undefined ? {} : { ipv6 }) };
}

/** The address of the database `name` on the same server. */
export function siblingAddress(address: string, name: string): string {
  const url = parseUrl(address);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** How a person may see the address: host, port and name; never the user's name or password. */
export function describeAddress(address: string): string {
  const { url, socketFolder, port, hosts } = parseAddress(address);
  const { hostname, pathname } = parseUrl(url);
  const name = decodeURIComponent(pathname.slice(1)) || 'the default database';
  if (socketFolder !== undefined) return `${name} in ${socketFolder}`;
  return `${name} at ${hosts ?? `${hostname || 'localhost'}:${port}`}`;
}

function severalHosts(address: string): string | null {
  const [hosts = ''] = HOSTS.exec(address) ?? [];
  return hosts.includes(',') ? hosts : null;
}

/** Whether it can be decoded. What that gives is looked at: a bundler leaves out a call whose outcome nobody asks for. */
export function isEncoded(part: string): boolean {
  try {
    return !decodeURIComponent(part).includes('\0');
  } catch {
    return false;
  }
}

function parseUrl(address: string): URL {
  let url: URL;
  try {
    url = new URL(address.replace(HOSTS, (hosts) => hosts.split(',')[0]!));
    if (![url.username, url.password, url.hostname, url.pathname].every(isEncoded)) throw new URIError();
  } catch {
    throw new Error('The database address is not a URL. It looks like postgres://user:password@host:5432/name.');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new Error(`The database address begins with ${url.protocol}// and not with postgres://.`);
  }
  return url;
}
