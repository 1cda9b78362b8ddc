// Every bound of the protocol, in one place: lengths in UTF-16 code units unless the name has a unit.

/** A reply's Markdown. Long enough for an essay, short enough to render in a few milliseconds. */
export const BODY_MAX = 10_000;
export const NAME_MAX = 64;
export const EMAIL_MAX = 254;
/** Longest thread key: canonical addresses are long, index rows must stay under 2,700 bytes. */
export const KEY_MAX = 512;
export const URL_MAX = 2_000;
export const TITLE_MAX = 300;
export const SITE_MAX = 64;
export const TOKEN_MAX = 2_000;
export const NOTE_MAX = 1_000;
export const AFTER_MAX = 200;

/** Answers to an answer to an answer...: a reply at this depth can't be answered (its parent can). */
export const DEPTH_MAX = 100;

/** Rows of one page of siblings. */
export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 50;
/**
 * First descendants that come with each row of a page, level by level. The product bounds a page:
 * 20 rows carry at most 20 * (1 + 4 + 4*3 + 4*3*2) = 820, real threads about 60.
 */
export const FIRST_CHILDREN: readonly number[] = [4, 3, 2];

/** Siblings that `thread:locate` brings from each side of the reply that was asked for. */
export const LOCATE_NEIGHBOURS = 5;
/** Rows behind these that it counts; then it stands for that many or more. */
export const LOCATE_LEFT_MAX = 1_000;
/** Replies that `thread:news` names; it counts up to `NEWS_COUNT_MAX`, which then stands for that many or more. */
export const NEWS_MAX = 100;
export const NEWS_COUNT_MAX = 1_000;

/** Emoji that a site offers; different ones that one person may put on a reply are as many. */
export const REACTIONS_MAX = 8;
/** One emoji, with its modifiers and joiners. */
export const EMOJI_MAX = 32;
export const MENTIONS_MAX = 10;
/** Earlier texts of a reply that are told. */
export const REVISIONS_MAX = 50;

/** A reader that missed more changed rows than this gets a snapshot, which is then the smaller answer. Also bounds a delta. */
export const CATCH_UP_ROWS_MAX = 500;

/**
 * The largest message that is parsed, its binary parts included, so that a body of a million characters is answered with
 * `invalid` and not with a dead line. Anything larger closes the connection (WebSocket code 1009), and so does a request of
 * polling with more than this in all (status 413). The largest message that is legal, with every character written as six, has 64 kB.
 */
export const MESSAGE_BYTES_MAX = 2.25 * 1024 * 1024;
/** Until a line was let in. The largest legal `auth`, written so, has 13 kB. */
export const HELLO_BYTES_MAX = 16 * 1024;

/** Sends of one client under way at once (CUR5). */
export const IN_FLIGHT_MAX = 4;
/** A request that has no answer after this long is sent again with the same id. */
export const REQUEST_TIMEOUT_MS = 8_000;

/** Beats come on change, at most one a second, and at least this often (CUR4 depends on it). */
export const BEAT_EVERY_MS = 5_000;
export const BEAT_MIN_GAP_MS = 1_000;
/** How often the slow lane is told what changed. Below the silence after which a reader joins again. */
export const SLOW_LANE_MS = 5_000;
/** How often the digest lane is told what changed. */
export const DIGEST_EVERY_MS = 250;
/** A beat that is ahead, with no delta for this long, is a gap (CUR4). */
export const BEAT_GAP_MS = 1_000;
/** Somebody who has not typed for this long is not writing any more. */
export const TYPING_FOR_MS = 6_000;
/** Names told in one beat. */
export const TYPING_NAMES_MAX = 5;

export const COUNT_KEYS_MAX = 100;
