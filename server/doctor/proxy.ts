// What the proxy makes of a request on its way: looked at by standing in the server's place for a moment, on its port, and
// asking through the public address. Possible only while no server runs there.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import proxyaddr from '@fastify/proxy-addr';
import type { Config } from '../config.js';
import { proxyTrust } from '../proxy-trust.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';
import { leadsElsewhere, LIVE, shakeHands } from './reach.js';

/** Reserved for examples: nobody's. */
const CLAIMED = '192.0.2.66';
const ANSWER_MS = 5_000;
/** Other nodes may be asked before us, and a proxy that found nobody here looks again after seconds. */
const FOUND_MS = 3_000;
const ASK_AGAIN_MS = 250;

type ProxyConfig = Pick<Config, 'host' | 'port' | 'trustProxy'>;

export async function checkProxy(publicUrl: string, config: ProxyConfig): Promise<Finding[]> {
  const mark = `afterword-doctor-${randomBytes(8).toString('hex')}`;
  const isOurs = ({ url }: IncomingMessage): boolean => url?.includes(mark) === true;
  const seen: Finding[] = [];
  const server = createServer((request, response) => {
    // At once: of a connection that is closed nothing tells who held it.
    if (isOurs(request)) seen.push(judge(request, publicUrl, config));
    response.end('doctor');
  });
  let isUpgraded = false;
  server.on('upgrade', (request, socket) => {
    isUpgraded ||= isOurs(request);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  try {
    const giveUpAt = performance.now() + FOUND_MS;
    do {
      const answer = await fetch(`${publicUrl}/${mark}`, {
        headers: { 'x-forwarded-for': CLAIMED },
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await answer.body?.cancel();
      const elsewhere = leadsElsewhere(answer);
      if (elsewhere !== null) return [elsewhere];
      if (seen.length === 0) await pause(ASK_AGAIN_MS);
    } while (seen.length === 0 && performance.now() < giveUpAt);
    const [proxy] = seen;
    if (!proxy) {
      return [
        problem(
          'PUBLIC_URL',
          `${publicUrl} does not lead to port ${config.port} of this machine.`,
          'Let the proxy pass all of its paths there.',
        ),
      ];
    }
    // Where readers ask for it: proxies pass upgrades on for that path alone. Another node may be the one that answers.
    const said = await shakeHands(publicUrl, `${LIVE}&${mark}`).catch(() => '');
    return [
      ok('PUBLIC_URL', `${publicUrl} leads to port ${config.port}.`),
      isUpgraded || said.includes('0{"sid"')
        ? ok('WebSocket', 'The proxy passes it on.')
        : problem(
            'WebSocket',
            'The proxy takes Upgrade away: readers are served by polling.',
            'Let it pass Upgrade and Connection on, with HTTP/1.1: docs/nginx.conf shows how.',
          ),
      proxy,
    ];
  } catch (error) {
    return [
      problem(
        'PUBLIC_URL',
        `${publicUrl} can't be reached from here (${reasonOf(error)}).`,
        'Mend its name, its certificate or the proxy.',
      ),
    ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function judge(request: IncomingMessage, publicUrl: string, { trustProxy }: ProxyConfig): Finding {
  const what = 'Proxy';
  const peer = request.socket.remoteAddress ?? '';
  const told = String(request.headers['x-forwarded-for'] ?? '');
  const believed = proxyaddr(request, proxyTrust(trustProxy));
  const share = 'Every reader shares the limits of one address.';
  // Asked from a machine that is one of the proxies: what it claims is rightly believed, and says nothing of others.
  const [last = ''] = told.split(/,\s*/).slice(-1);
  const isProxyItself = Array.isArray(trustProxy) && proxyTrust(trustProxy)(last, 1);
  if (believed === CLAIMED && !isProxyItself) {
    return problem(
      what,
      'AFTERWORD_TRUST_PROXY believes whatever a client claims: anybody can pass for any address.',
      'Name the addresses of your proxies only, or the number of them; or let the proxy set X-Forwarded-For.',
    );
  }
  // A claim that arrives as it was sent was passed on by nobody who adds to it.
  const isAdded = told !== '' && told !== CLAIMED;
  // Not by whom it names: asked from its own machine, it names itself.
  if (isAdded && !proxyTrust(trustProxy)(peer, 0)) {
    return problem(what, `The proxy at ${peer} is not believed. ${share}`, `Set AFTERWORD_TRUST_PROXY=${peer}`);
  }
  if (!isAdded && publicUrl.startsWith('https:')) {
    return problem(
      what,
      `The proxy at ${peer} adds no X-Forwarded-For. ${share}`,
      'Let it: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for',
    );
  }
  if (!isAdded && trustProxy !== false) {
    return warning(
      what,
      'AFTERWORD_TRUST_PROXY is set, but nothing adds X-Forwarded-For.',
      'Unset it where there is no proxy.',
    );
  }
  return ok(what, isAdded ? `Readers are told apart behind ${peer}.` : 'None stands between.');
}
