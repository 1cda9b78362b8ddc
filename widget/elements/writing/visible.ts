// What counts as written: the server's rule (`server/threads/text.ts`), so that nothing is sent only to be refused.

const VISIBLE =
  /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Noncharacter_Code_Point}\u2800]/u;

/** Whether anything in this text leaves a mark on screen. */
export function hasVisible(text: string): boolean {
  return VISIBLE.test(text);
}
