// The shape of every request. Shapes and sizes only: what the text means (invisible names, blank bodies) is checked by
// the use cases. Unknown keys are refused.
import { z } from 'zod';

import {
  AFTER_MAX,
  BODY_MAX,
  EMAIL_MAX,
  EMOJI_MAX,
  KEY_MAX,
  MENTIONS_MAX,
  NAME_MAX,
  NOTE_MAX,
  PAGE_MAX,
  SITE_MAX,
  TITLE_MAX,
  TOKEN_MAX,
  URL_MAX,
} from '../../shared/limits.js';
import { LANES } from '../../shared/protocol.js';

/** Text that the database and the wire can hold, of this many characters at most. */
export const wellFormed = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed(), 'holds half of a surrogate pair')
    .refine((text) => !text.includes('\0'), 'holds a NUL character');

// UUIDs are compared as text further on: one spelling.
const id = z.uuid().transform((text) => text.toLowerCase());
const sort = z.enum(['oldest', 'newest', 'best']);
const limit = z.int().min(1).max(PAGE_MAX);
const cursor = z.strictObject({ epoch: z.string().max(64), seq: z.int().min(0) });
// Names come with invisible characters that are dropped, so what is sent may be longer than what is kept.
const name = wellFormed(NAME_MAX * 4);
const mentions = z.array(id).max(MENTIONS_MAX);
/** What the database's integers hold. */
const REV_MAX = 2_147_483_647;
const vote = z.union([z.literal(-1), z.literal(0), z.literal(1)]);

export const SCHEMAS = {
  'thread:join': z.strictObject({
    key: wellFormed(KEY_MAX).min(1),
    url: wellFormed(URL_MAX).optional(),
    title: wellFormed(TITLE_MAX).optional(),
    sort: sort.optional(),
    limit: limit.optional(),
    cursor: cursor.optional(),
    lane: z.enum(LANES).optional(),
  }),
  'thread:leave': z.strictObject({ thread: id }),
  'thread:page': z.strictObject({
    thread: id,
    parent: id.nullable(),
    sort,
    after: z.string().max(AFTER_MAX).optional(),
    limit: limit.optional(),
  }),
  'thread:locate': z.strictObject({ thread: id, id, sort }),
  'thread:news': z.strictObject({ thread: id, since: cursor }),
  'thread:typing': z.strictObject({ thread: id, parent: id.nullable().optional() }),
  'me:guest': z.strictObject({ name, email: z.email().max(EMAIL_MAX).optional() }),
  'reply:create': z.strictObject({
    thread: id,
    id,
    parent: id.nullable().optional(),
    body: wellFormed(BODY_MAX),
    answers: z.int().min(1).max(REV_MAX).optional(),
    mentions: mentions.optional(),
  }),
  'reply:edit': z.strictObject({ id, body: wellFormed(BODY_MAX), base: z.int().min(1), mentions: mentions.optional() }),
  'reply:remove': z.strictObject({ id }),
  'reply:restore': z.strictObject({ id }),
  'reply:preview': z.strictObject({ thread: id, body: wellFormed(BODY_MAX), mentions: mentions.optional() }),
  'reply:history': z.strictObject({ id }),
  'reply:source': z.strictObject({ id }),
  'reply:vote': z.strictObject({ id, value: vote }),
  'reply:react': z.strictObject({ id, emoji: wellFormed(EMOJI_MAX).min(1), on: z.boolean() }),
  'reply:report': z.strictObject({
    id,
    reason: wellFormed(64).min(1),
    note: wellFormed(NOTE_MAX).optional(),
  }),
} as const;

/** Socket.IO's `auth`; the protocol number is looked at before anything else. */
export const HANDSHAKE = z.strictObject({
  protocol: z.int(),
  site: wellFormed(SITE_MAX).min(1),
  widget: wellFormed(64).optional(),
  token: z.string().max(TOKEN_MAX).optional(),
});
