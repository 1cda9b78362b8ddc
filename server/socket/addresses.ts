// Which addresses count as one for the limits.
import { isIPv6 } from 'node:net';

/**
 * An IPv6 customer has a network of 2^64 addresses at least, so its first 64 bits stand for all of them; an IPv4 address
 * stands for itself, also where it is written as IPv6. Anything else is left as it is.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.toLowerCase().split('::');
  const groups = before === '' ? [] : before.split(':');
  const missing = after === undefined ? 0 : 8 - groups.length - (after === '' ? 0 : after.split(':').length);
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(after ?? '').split(':')];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/**
 * What a network belongs to: of IPv6 the first 48 bits, which is what one place may have at most, with 65,536 networks for
 * whoever asks; else the address itself.
 */
export function placeOf(network: string): string {
  return network.endsWith('::/64') ? `${network.split(':').slice(0, 3).join(':')}::/48` : network;
}
