// Requests of the socket, made from the very schemas that the server checks them with: sound ones, nearly sound ones, and
// noise. An input is the text of the event's arguments.
import fc from 'fast-check';
import { z } from 'zod';

import { HANDSHAKE, SCHEMAS } from '../../server/socket/schemas.js';
import { NIL_ID } from '../../shared/ids.js';
import { anything, text } from './hostile.js';

/** What stands on the server before anything is sent. */
export interface Known {
  threads: readonly string[];
  /** Replies of the one guest that all lines speak as; some are removed. */
  replies: readonly string[];
  epoch: string;
}

export const KEYS = ['fuzz', 'other', 'third'] as const;

export type EventName = keyof typeof SCHEMAS;
export const EVENTS = Object.keys(SCHEMAS) as EventName[];

/** Names for which Socket.IO itself hangs up; they are sent as frames (`frames.ts`). */
export const RESERVED: readonly unknown[] = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];

/** What Socket.IO takes for an event's name. JSON has no other numbers than finite ones. */
const isName = (name: unknown): boolean =>
  (typeof name === 'string' && !RESERVED.includes(name)) || Number.isFinite(name);

interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

const upper = (id: string): string => id.toUpperCase();

/** What the schema allows, and at its edges a little more. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting));
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array') return fc.array(fitting(schema.items!), { maxLength: schema.maxItems! + 1 });
  if (schema.type === 'object') return objectOf(schema, fitting);
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum = 0, maximum = 2 ** 53 - 1 } = schema;
    return fc.oneof(
      fc.constantFrom(minimum, minimum + 1, maximum, minimum - 1, maximum + 1),
      fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31 - 1) }),
    );
  }
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.format === 'email') return fc.oneof(fc.emailAddress(), fc.constant('a@example.com'));
  const max = schema.maxLength ?? 100;
  return fc.oneof(
    text.map((whole) => whole.slice(0, max + 1)),
    fc.constantFrom('x'.repeat(max), 'x'.repeat(max + 1), 'plain'),
  );
}

/** Its required fields, and of the others as chance will have it. */
function objectOf(schema: JsonSchema, value: (schema: JsonSchema, name: string) => fc.Arbitrary<unknown>) {
  const fields = Object.entries(schema.properties!).map(([name, of]) => [name, value(of, name)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
}

/** A value of the schema that also means something here, for nine in ten. */
function meant(known: Known): (schema: JsonSchema, name: string) => fc.Arbitrary<unknown> {
  const one = (ids: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ids) }, fc.constantFrom(NIL_ID, ...ids.map(upper)));
  const cursor = fc.record({ epoch: fc.constantFrom(known.epoch, ''), seq: fc.integer({ min: 0, max: 40 }) });
  const named: Record<string, fc.Arbitrary<unknown>> = {
    key: fc.constantFrom(...KEYS),
    url: fc.constantFrom('https://example.com/', 'x'),
    thread: one(known.threads),
    parent: fc.oneof(fc.constant(null), one(known.replies)),
    mentions: fc.array(one(known.replies), { maxLength: 3 }),
    after: fc.oneof(
      fc.constantFrom('', 'by4wLjA'),
      fc
        .tuple(fc.constantFrom('o', 'n', 'b', 'x'), fc.array(fc.integer({ min: -1, max: 99 }), { maxLength: 6 }))
        .map(([sort, numbers]) => Buffer.from([sort, ...numbers].join('.')).toString('base64url')),
    ),
    cursor,
    since: cursor,
    base: fc.constantFrom(1, 1, 1, 2, 0),
    emoji: fc.constantFrom('👍', '🎉', '🦄'),
    body: fc.oneof(fc.constantFrom('plain', '- a *list*\n\n> said', '@Fuzz **b** `c` https://example.com'), text),
  };
  return (schema, name) => {
    const sound = named[name];
    const free = fitting(schema);
    if (!sound) return free;
    return fc.oneof(
      { weight: 8, arbitrary: sound },
      { weight: 1, arbitrary: free },
      { weight: 1, arbitrary: anything },
    );
  };
}

/** With a field too many, too few, or of another kind. */
function broken(payload: Record<string, unknown>): fc.Arbitrary<unknown> {
  const names = Object.keys(payload);
  return fc.oneof(
    fc.tuple(text, anything).map(([name, value]) => ({ ...payload, [name]: value })),
    fc.tuple(fc.constantFrom(...names, 'none'), anything).map(([name, value]) => ({ ...payload, [name]: value })),
    fc
      .constantFrom(...names, 'none')
      .map((name) => Object.fromEntries(Object.entries(payload).filter(([is]) => is !== name))),
  );
}

export function eventInputs(known: Known): fc.Arbitrary<string> {
  const creates = fc.uuid({ version: 7 });
  const payloads = Object.fromEntries(
    EVENTS.map((event) => {
      const schema = z.toJSONSchema(SCHEMAS[event], { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      const ids = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known.replies) }, fc.constantFrom(NIL_ID));
      const values = meant(known);
      const id = event === 'reply:create' ? creates : ids;
      return [
        event,
        objectOf(schema, (of, name) =>
          name === 'id' ? fc.oneof({ weight: 9, arbitrary: id }, anything) : values(of, name),
        ),
      ];
    }),
  ) as Record<EventName, fc.Arbitrary<Record<string, unknown>>>;
  const event = fc.constantFrom(...EVENTS);
  return fc
    .oneof(
      { weight: 12, arbitrary: event.chain((name) => fc.tuple(fc.constant(name), payloads[name])) },
      {
        weight: 4,
        arbitrary: event.chain((name) => fc.tuple(fc.constant(name), payloads[name].chain(broken))),
      },
      { weight: 2, arbitrary: fc.tuple(event, anything) },
      { weight: 1, arbitrary: fc.tuple(event, anything, anything) },
      { weight: 1, arbitrary: fc.tuple(event) },
      {
        weight: 1,
        arbitrary: fc.tuple(anything.filter(isName), anything),
      },
    )
    .map((parts) => JSON.stringify(parts));
}

/** What a line may say of itself as it begins. An input is the text behind Socket.IO's CONNECT. */
export function handshakeInputs(token: string): fc.Arbitrary<string> {
  const schema = z.toJSONSchema(HANDSHAKE, { io: 'input' }) as JsonSchema;
  const named: Record<string, fc.Arbitrary<unknown>> = {
    protocol: fc.constant(1),
    site: fc.constant('demo'),
    token: fc.oneof(
      fc.constant(token),
      fc.tuple(fc.nat(token.length), text).map(([at, other]) => token.slice(0, at) + other + token.slice(at + 1)),
    ),
  };
  const value = (of: JsonSchema, name: string): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 8, arbitrary: named[name] ?? fitting(of) }, { weight: 1, arbitrary: fitting(of) }, anything);
  const auth = objectOf(schema, value);
  return fc.oneof(
    { weight: 6, arbitrary: auth.map((sound) => JSON.stringify(sound)) },
    { weight: 3, arbitrary: auth.chain(broken).map((damaged) => JSON.stringify(damaged)) },
    { weight: 1, arbitrary: anything.map((other) => JSON.stringify(other)) },
    { weight: 1, arbitrary: text },
  );
}
