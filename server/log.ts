// Owns the log: where it goes and what it may say. Standard output stays free for the ready line. Knows nothing of what
// is logged: every line is cleaned as it leaves, so that no caller can forget to.
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from './config.js';

export type Log = Logger;

/** Milliseconds as they are told. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

export interface LogOptions {
  level: LogLevel;
  /** For a person at a terminal, in colour where the terminal has it; otherwise one JSON object a line. */
  pretty: boolean;
  /** Where whole lines go, without colour: standard error unless told otherwise. */
  to?: DestinationStream;
}

/**
 * A pino log from which no secret, no forged line and no terminal escape comes out: not from a message, an error, a
 * child's bindings or any depth of an object. Written at once, so that the last line before a crash is there.
 */
export function createLog({ level, pretty, to }: LogOptions): Log {
  const out = to ?? standardError();
  const forPeople = prettyFactory({
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    ...(to && { colorize: false }),
  });
  return pino(
    {
      level,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => out.write(pretty ? forPeople(visible(clean(line))) : clean(line)) },
  );
}

/**
 * A full disk behind it must not fail whoever has something to say. What could not be written waits for the next line, up to
 * this much; what comes then is lost.
 */
const WAITING_BYTES_MAX = 1_048_576;

function standardError(): DestinationStream {
  const out = pino.destination({ dest: 2, sync: true, maxLength: WAITING_BYTES_MAX });
  out.on('error', () => {});
  return out;
}

/**
 * Keys whose values are nobody's business, the parameters of a failed query among them: what strangers wrote has no place
 * in a log. A token's length or a flag (`hasPassword: true`) may be told.
 */
const SECRET_KEY =
  /token|passw|secret|authorization|cookie|e-?mail|database_?(?:direct_?)?url|redis_?url|api_?key|credential|^param(?:eter)?s$/i;
const HIDDEN = '[hidden]';

/** The same in the middle of a text: what it stands behind is kept (the first group). */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/(\b(?:bearer|basic) )[\w.~+/=-]{6,}/gi, `$1${HIDDEN}`],
  [/\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g, HIDDEN],
  [/\b((?:\w*(?:token|passw(?:or)?d|secret|api_?key))\s?[=:]\s?)[^\s&"',;]+/gi, `$1${HIDDEN}`],
  // Drizzle tells the parameters in its message.
  [/(\nparams: )[^]*?(?=\n {4}at |$)/g, `$1${HIDDEN}`],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}\p{N}-]{2,63}/gu, HIDDEN],
];
/** Longer texts are cut: a log line is not an archive, and the patterns above stay cheap. */
const TEXT_MAX = 8_000;

/** Without what stands between the user's name and the host, whatever characters it holds. Takes any text. */
export function withoutPassword(url: string): string {
  return url.replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"']{0,200}):[^\s"']*@/gi, '$1@');
}

/** One line of JSON without secrets and without characters that act on a terminal or an editor; ends in a newline. */
function clean(line: string): string {
  return `${JSON.stringify(JSON.parse(line, hide)).replace(ACTING, escaped)}\n`;
}

function hide(key: string, value: unknown): unknown {
  if (SECRET_KEY.test(key) && value !== null && typeof value !== 'boolean' && typeof value !== 'number') return HIDDEN;
  if (typeof value !== 'string') return value;
  const text = value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}… (${value.length} characters)` : value;
  return SECRET_TEXT.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), withoutPassword(text));
}

/** Controls that JSON leaves alone: C1 (an escape sequence may begin with U+009B), separators, bidi, invisible ones. */
const ACTING = /[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu;

function escaped(sign: string): string {
  return Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
    '',
  );
}

/**
 * The same line with its escapes escaped once more, so that a person reads `\u001b` or `\n` where the pretty printer
 * would put the character itself. The breaks of a stack trace stay.
 */
function visible(line: string): string {
  return line.replace(/\\(?:n(?= {4}at )|(u[0-9a-f]{4}|[bfnrt])|.)/g, (whole, act?: string) =>
    act ? `\\\\${act}` : whole,
  );
}
