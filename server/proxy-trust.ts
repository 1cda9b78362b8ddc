// Which proxies are believed about whom they speak for, as their owner writes it and as it is asked of a request.
import { isIP } from 'node:net';
import proxyaddr from '@fastify/proxy-addr';

import { whole } from './whole.js';

/** Hops, or addresses and ranges. */
export type TrustedProxies = false | number | string[];

/** What proxy-addr knows by name. */
const RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** `off`, a number of hops, or addresses and ranges with commas between; undefined: none of these. */
export function trustedProxies(text: string): TrustedProxies | undefined {
  if (text.toLowerCase() === 'off') return false;
  if (/^\d+$/.test(text)) return whole(text, 1, 10);
  const addresses = text.split(',').map((address) => address.trim());
  try {
    proxyaddr.compile(addresses);
    // The check above takes `1.5` for 1.0.0.5, as C does.
    return addresses.every((address) => RANGES.has(address) || isIP(address.split('/')[0]!) !== 0)
      ? addresses
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether to believe the peer at this address, `hop` proxies away from us (0: it holds the connection), about whom it
 * speaks for. What Fastify's `trustProxy` and proxy-addr take; Fastify itself believes nobody when given a number.
 */
export function proxyTrust(trusted: TrustedProxies): (address: string, hop: number) => boolean {
  if (trusted === false) return () => false;
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  return proxyaddr.compile(trusted);
}
