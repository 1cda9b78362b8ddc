// Whether readers get through: the port, the public address, polling and WebSocket over it. Asks as a reader's browser would.
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const ANSWER_MS = 5_000;
/** Browsers trust these without TLS. */
export const LOCAL = /^https?:\/\/(?:localhost|127\.|\[::1\])/;
const ENGINE = '/socket.io/?EIO=4&transport=';
/** Where a browser asks for its line. */
export const LIVE = `${ENGINE}websocket`;

/** Who listens on the port; where nobody can, why not. */
export type Standing = 'free' | 'afterword' | 'other' | { whyNot: string };

export async function whoListens(host: string, port: number): Promise<Standing> {
  const refusal = await tryListening(host, port);
  if (refusal === null) return 'free';
  if (refusal.code !== 'EADDRINUSE') return { whyNot: reasonOf(refusal) };
  return isHealth(await asked(`${urlOf(host, port)}/healthz`)) ? 'afterword' : 'other';
}

export function checkPort(host: string, port: number, standing: Standing): Finding {
  const what = 'Port';
  if (standing === 'free') return ok(what, `${port} of ${host} is free.`);
  if (standing === 'afterword') return ok(what, `Afterword answers on ${port} of ${host}.`);
  if (standing !== 'other') {
    const says = `No server can listen on ${port} of ${host} (${standing.whyNot}).`;
    return problem(what, says, 'Choose a PORT above 1023, and a HOST that is an address of this machine.');
  }
  return problem(what, `Something else uses ${port} of ${host}.`, 'Stop it, or choose another PORT.');
}

/** The port for /metrics: Prometheus is told there, or a server could tell it. */
export async function checkMetrics(host: string, port: number): Promise<Finding> {
  const what = 'Metrics';
  const refusal = await tryListening(host, port);
  if (refusal === null) return ok(what, `${port} of ${host} is free.`);
  if (refusal.code !== 'EADDRINUSE') {
    const says = `No server can listen on ${port} of ${host} (${reasonOf(refusal)}).`;
    return problem(what, says, 'Choose an AFTERWORD_METRICS_PORT above 1023, and an address of this machine.');
  }
  const text = await asked(`${urlOf(host, port)}/metrics`);
  return text.includes('afterword_build_info')
    ? ok(what, `Afterword shows them on ${port} of ${host}.`)
    : problem(what, `Something else uses ${port} of ${host}.`, 'Stop it, or choose another AFTERWORD_METRICS_PORT.');
}

/** Through the public address to the server that runs. */
export async function checkPublic(publicUrl: string): Promise<Finding[]> {
  const what = 'PUBLIC_URL';
  const found: Finding[] = [];
  if (publicUrl.startsWith('http:') && !LOCAL.test(publicUrl)) {
    found.push(
      warning(what, `${publicUrl} is not https.`, 'Pages over https can load nothing from it: let a proxy end TLS.'),
    );
  }
  try {
    const answer = await fetch(`${publicUrl}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    const elsewhere = leadsElsewhere(answer);
    if (elsewhere !== null) return [...found, elsewhere];
    if (!isHealth(await answer.text())) {
      return [
        ...found,
        problem(
          what,
          `Another server answers there (${answer.status}).`,
          'Let the proxy pass all of its paths to the port of Afterword.',
        ),
      ];
    }
  } catch (error) {
    return [
      ...found,
      problem(
        what,
        `${publicUrl} can't be reached from here (${reasonOf(error)}).`,
        'Mend its name, its certificate or the proxy; or this machine may not reach itself by that name.',
      ),
    ];
  }
  found.push(
    ok(what, `${publicUrl} leads to Afterword.`),
    await checkWebSocket(publicUrl),
    await checkPolling(publicUrl),
  );
  return found;
}

/** As from http to https. */
export function leadsElsewhere({ headers }: Response): Finding | null {
  const to = headers.get('location');
  return to === null
    ? null
    : problem('PUBLIC_URL', `It leads elsewhere: ${to}.`, 'Set PUBLIC_URL to where it leads, without the path.');
}

async function checkPolling(publicUrl: string): Promise<Finding> {
  const what = 'Polling';
  try {
    const answer = await fetch(`${publicUrl}${ENGINE}polling`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if ((await answer.text()).startsWith('0{"sid"')) return ok(what, 'It gets through.');
    return problem(
      what,
      `${publicUrl}/socket.io/ answers ${answer.status}.`,
      'Let the proxy pass that path, query included.',
    );
  } catch (error) {
    return problem(
      what,
      `It does not get through (${reasonOf(error)}).`,
      'Let the proxy pass /socket.io/ to Afterword.',
    );
  }
}

async function checkWebSocket(publicUrl: string): Promise<Finding> {
  const what = 'WebSocket';
  try {
    const first = await shakeHands(publicUrl);
    if (first.includes('0{"sid"')) return ok(what, 'It gets through.');
    return problem(
      what,
      'It opens, but Afterword does not answer on it.',
      'Let the proxy pass /socket.io/ to Afterword.',
    );
  } catch (error) {
    return problem(
      what,
      `It does not get through (${reasonOf(error)}). Readers are served by polling.`,
      'Let the proxy pass Upgrade and Connection on, with HTTP/1.1: docs/nginx.conf shows how.',
    );
  }
}

/** An upgrade as a browser asks for it, and what the server says first; rejects where it is refused. */
export function shakeHands(url: string, path = LIVE): Promise<string> {
  const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = ask(`${url}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
      timeout: ANSWER_MS,
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    asked.on('error', reject);
    asked.on('response', (answer) => {
      answer.resume();
      asked.destroy();
      reject(new Error(`answered ${answer.statusCode} instead of 101`));
    });
    asked.on('upgrade', (_answer, socket, head) => {
      let said = head.toString('latin1');
      const done = (): void => {
        resolve(said);
        socket.destroy();
      };
      socket.setTimeout(ANSWER_MS, done);
      socket.on('error', done);
      socket.on('close', done);
      socket.on('data', (bytes: Buffer) => {
        said += bytes.toString('latin1');
        if (said.includes('}')) done();
      });
      if (said.includes('}')) done();
    });
    asked.end();
  });
}

/** For a moment. */
function tryListening(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** From this machine. */
function urlOf(host: string, port: number): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Empty where nobody answers. */
async function asked(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })).text();
  } catch {
    return '';
  }
}

function isHealth(text: string): boolean {
  return text.replace(/\s/g, '').startsWith('{"status":"ok"');
}
