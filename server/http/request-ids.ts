// The id of each HTTP request: in the log, and in the header `x-request-id` of the answer. A proxy that is believed may
// have given one already, so that one id leads through its log and ours.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What the usual proxies send; nothing that could forge or flood a line of a log. */
const GIVEN = /^[\w.:=-]{1,128}$/;

interface Asking {
  headers: IncomingHttpHeaders;
  socket?: { remoteAddress?: string | undefined };
}

/** Makes the function for Fastify's `genReqId`. */
export function requestIds(trust: (address: string, hop: number) => boolean): (request: Asking) => string {
  const process = randomBytes(6).toString('hex');
  let count = 0;
  return ({ headers, socket }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && GIVEN.test(given) && trust(socket?.remoteAddress ?? '', 0)) return given;
    count += 1;
    return `${process}-${count.toString(36)}`;
  };
}
