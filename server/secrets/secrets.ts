// What signs the readers' tokens: one secret that signs, and earlier ones that are still believed for a while. Owns how they
// are written down and which of them holds when; keeps, reads and makes none of them by itself.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';

import { SECRET_MIN } from '../config.js';

export interface Secret {
  value: string;
  /** Unix time in milliseconds: it is believed before, and signs from then on. */
  from: number;
  /** It is believed until then; null: for good. */
  until: number | null;
}

/** What a node knows at this moment. */
export interface Secrets {
  readonly all: readonly Secret[];
}

/**
 * How long a new secret waits before it signs: by then every node has read it, at `READ_AGAIN_MS` and a clock or two that
 * are off by some seconds.
 */
export const LEAD_MS = 60_000;
export const READ_AGAIN_MS = 10_000;
export const OVERLAP_DAYS = 30;

const Written = z.array(
  z.strictObject({ value: z.string().min(SECRET_MIN), from: z.number(), until: z.number().nullable() }),
);

/** A secret that is there for good, as from the environment. */
export function onlySecret(value: string): Secrets {
  return { all: [{ value, from: 0, until: null }] };
}

/** Of several, the first signs and all are believed. Throws a RangeError where one is too short, or none is there. */
export function secretsOfLines(text: string): Secrets {
  const values = text.split('\n').flatMap((line) => line.trim() || []);
  if (values.length === 0 || values.some((value) => value.length < SECRET_MIN)) {
    throw new RangeError(`expected secrets of at least ${SECRET_MIN} characters, one a line`);
  }
  return { all: values.map((value, n) => ({ value, from: n === 0 ? 0 : -n, until: null })) };
}

/**
 * As `writeSecrets` wrote it; a bare secret is what was kept before there could be several. Throws a RangeError where it is
 * neither, which says nothing of what stands there.
 */
export function readSecrets(text: string): Secrets {
  if (!text.startsWith('[')) return secretsOfLines(text);
  const written = Written.nonempty().safeParse(json(text));
  if (!written.success) throw new RangeError('it is damaged');
  return { all: written.data };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function writeSecrets({ all }: Secrets): string {
  return JSON.stringify(all);
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The one that signs at `now`. */
export function signing({ all }: Secrets, now: number): Secret {
  const ready = all.filter(({ from }) => from <= now);
  // Where none is ready a clock is wrong: the oldest is what others believe.
  const [first, ...others] = ready.length > 0 ? ready : all.toSorted((a, b) => b.from - a.from);
  return others.reduce((best, one) => (one.from > best.from ? one : best), first!);
}

/** All that are believed at `now`, the one that signs first. */
export function believed(secrets: Secrets, now: number): Secret[] {
  const first = signing(secrets, now);
  return [first, ...secrets.all.filter((one) => one !== first && (one.until === null || one.until > now))];
}

/** With a new secret that signs after `LEAD_MS`; what signed until now is believed for `overlapMs` after that. */
export function rotate(secrets: Secrets, now: number, overlapMs: number): Secrets {
  const from = now + LEAD_MS;
  const kept = secrets.all.filter(({ until }) => until === null || until > now);
  const ending = kept.map((one) => ({ ...one, until: Math.min(one.until ?? Infinity, from + overlapMs) }));
  return { all: [...ending, { value: newSecret(), from, until: null }] };
}
