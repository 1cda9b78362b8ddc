// Sends HTTP requests, polls, and bytes on bare TCP connections, and judges what comes back.
import { Agent, request } from 'node:http';
import { connect as dial } from 'node:net';

import type { ErrorBody } from '../../shared/errors.js';
import { deal, hasItsTime } from './on-lines.js';
import { SESSION, type HttpInput } from './requests.js';
import { ANSWER_BYTES, ANSWER_MS, type Tally } from './tally.js';
import type { Target } from './target.js';

const CONNECTIONS = 32;
/** A poll that the server holds until it has something to say is let go after this. */
const HELD_MS = 300;
/** What a connection that sent everything is given to say something, before its end is told. */
const SAID_MS = 20;

interface Told {
  status: number;
  retryAfter: string | undefined;
  body: string;
  bytes: number;
}

/** The answer; null: the connection was closed instead; undefined: nothing came in time. */
function ask(url: string, { method, path, headers, body }: HttpInput, agent: Agent, withinMs: number) {
  const { hostname, port } = new URL(url);
  return new Promise<Told | null | undefined>((resolve) => {
    const sent = request({ hostname, port, path, method, headers, agent, timeout: withinMs }, (response) => {
      let bytes = 0;
      let text = '';
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (text.length < 8_192) text += chunk.toString('latin1');
      });
      response.on('end', () =>
        resolve({ status: response.statusCode!, retryAfter: response.headers['retry-after'], body: text, bytes }),
      );
      response.on('error', () => resolve(null));
    });
    sent.on('timeout', () => {
      resolve(undefined);
      sent.destroy();
    });
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}

export async function sendRequests(target: Target, inputs: readonly HttpInput[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const session = inputs.some(({ path }) => path.includes(SESSION)) ? await openSession(target, agent) : '';
  await deal(inputs, CONNECTIONS, async (next) => {
    for (let input = next(); input !== undefined; input = next()) {
      const path = input.path.replace(SESSION, session);
      // A poll waits for news, by design.
      const isPoll = path.startsWith('/socket.io/') && input.method === 'GET';
      const from = performance.now();
      const headers = { ...input.headers, ...(target.address === null ? {} : target.from()) };
      const told = await ask(target.url, { ...input, path, headers }, agent, isPoll ? HELD_MS : ANSWER_MS);
      tally.inputs += 1;
      if (told === undefined && !isPoll) found.push(`${describe(input)}: no answer`);
      if (!told) {
        tally.closed += 1;
        continue;
      }
      tally.outcome(String(told.status));
      const problems = tally.answer({ bytes: told.bytes, ms: performance.now() - from });
      if (told.status >= 400) problems.push(...tally.refusal(told.body));
      else tally.answered += 1;
      if (told.status >= 500) problems.push(`status ${told.status}`);
      if (told.status === 429) problems.push(...untimely(told));
      found.push(...problems.map((problem) => `${describe(input)}: ${problem}`));
    }
  });
  agent.destroy();
  return found;
}

/** What is wrong with how somebody is told to come later. */
function untimely({ body, retryAfter }: Told): string[] {
  // A `HEAD` has none.
  const { code, retryAfterMs } = JSON.parse(body || '{"code":"rate_limited","retryAfterMs":1}') as ErrorBody;
  const isTold = code === 'rate_limited' && hasItsTime({ code, retryAfterMs: retryAfterMs! });
  return isTold && Number(retryAfter) >= 1 ? [] : [`429 with ${body.slice(0, 200)}, after ${retryAfter}`];
}

const describe = (input: HttpInput): string => JSON.stringify(input).slice(0, 400);

async function openSession({ url }: Target, agent: Agent): Promise<string> {
  const at = '/socket.io/?EIO=4&transport=polling';
  // From nowhere: a flood from the address of the others must not be in its way.
  const told = await ask(url, { method: 'GET', path: at, headers: {} }, agent, ANSWER_MS);
  const { sid } = JSON.parse(told!.body.slice(1)) as { sid: string };
  await ask(
    url,
    { method: 'POST', path: `${at}&sid=${sid}`, headers: {}, body: '40{"protocol":1,"site":"demo"}' },
    agent,
    ANSWER_MS,
  );
  return sid;
}

const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'host: localhost',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

/** Frames behind an upgrade. */
export function sendWebsocketBytes(target: Target, inputs: readonly string[], tally: Tally): Promise<string[]> {
  const after = inputs.map((input) => Buffer.concat([Buffer.from(UPGRADE), Buffer.from(input, 'base64')]));
  return sendBytes(target, after, tally);
}

export function sendRawBytes(target: Target, inputs: readonly string[], tally: Tally): Promise<string[]> {
  return sendBytes(
    target,
    inputs.map((input) => Buffer.from(input, 'base64')),
    tally,
  );
}

/** Each on a connection of its own, which is ended from this side: the server has to end it, too. */
async function sendBytes({ url }: Target, inputs: readonly Buffer[], tally: Tally): Promise<string[]> {
  const found: string[] = [];
  const port = Number(new URL(url).port);
  await deal(inputs, CONNECTIONS, async (next) => {
    for (let bytes = next(); bytes !== undefined; bytes = next()) {
      const from = performance.now();
      const told = await converse(port, bytes);
      tally.inputs += 1;
      const problems = tally.answer({ bytes: told.length, ms: performance.now() - from });
      if (told.isLeftOpen) problems.push('was not closed');
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(told.head)?.[1] ?? 0);
      tally.outcome(String(status));
      if (told.head && !status) problems.push(`answered with ${JSON.stringify(told.head.slice(0, 100))}`);
      if (status >= 500) problems.push(`status ${status}`);
      if (status >= 400) problems.push(...tally.refusal(told.head.slice(0, 1_500)));
      else if (told.length > 0) tally.answered += 1;
      else tally.closed += 1;
      found.push(...problems.map((problem) => `${bytes.toString('base64').slice(0, 400)}: ${problem}`));
    }
  });
  return found;
}

function converse(port: number, bytes: Buffer): Promise<{ head: string; length: number; isLeftOpen: boolean }> {
  return new Promise((resolve) => {
    let head = '';
    let length = 0;
    const socket = dial({ port, host: '127.0.0.1' }, () => {
      // In two parts: what is read may end anywhere.
      const half = bytes.length >> 1;
      socket.write(bytes.subarray(0, half));
      setImmediate(() => socket.write(bytes.subarray(half)));
      setTimeout(() => socket.end(), SAID_MS);
    });
    const end = (isLeftOpen: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ head, length, isLeftOpen });
    };
    const timer = setTimeout(() => end(true), ANSWER_MS);
    socket.on('data', (chunk) => {
      length += chunk.length;
      if (head.length < 4_096) head += chunk.toString('latin1');
      if (length > ANSWER_BYTES) end(false);
    });
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}
