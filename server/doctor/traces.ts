// Whether the traces that OpenTelemetry's variables ask for would arrive.
import { tracesAskedFor } from '../tracing/start.js';
import { type Finding, ok, problem, reasonOf, warning } from './finding.js';

const ANSWER_MS = 5_000;

/** Sends a message of no spans there; null where nobody asks for traces. */
export async function checkTraces(env: Readonly<Record<string, string | undefined>>): Promise<Finding | null> {
  const what = 'Traces';
  const asked = tracesAskedFor(env);
  if (!asked) return null;
  if ('whyNot' in asked)
    return problem(what, `None are sent: ${asked.whyNot}.`, 'Set what docs/operations.md names, or take it away.');
  const url = new URL(asked.url);
  const { origin } = url;
  url.username = url.password = '';
  const todo = `See whether a collector takes OTLP over HTTP at ${origin}, and what it says. Readers don't notice.`;
  try {
    // An empty message of Protocol Buffers is sound. What the owner gave to be let in by stays here.
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) return ok(what, `A collector takes them at ${origin}.`);
    if (answer.status === 401 || answer.status === 403)
      return ok(what, `A collector answers at ${origin}; whether it lets this server in was not tried.`);
    return warning(what, `${origin} answers with ${answer.status}.`, todo);
  } catch (error) {
    return warning(what, `Nobody takes them at ${origin} (${reasonOf(error)}).`, todo);
  }
}
