// What a branch that is shown alone leaves in the browser's history: an entry from which Back leads out of it, to which Forward
// leads again, and that shows it after a reload. Owns one name in the state of that entry; all else in it is the page's.

const NAME = 'afterword';

export interface Step {
  /** The reply at the top. */
  top: string;
  /** How many entries lead back to the one that shows all. */
  steps: number;
}

/** What the present entry shows alone; null: all is shown. */
export function stepHere(): Step | null {
  return (history.state as Partial<Record<typeof NAME, Step>> | null)?.[NAME] ?? null;
}

/** The reply that the address names, else ''. */
export function replyHere(): string {
  return /^#reply-([\da-f-]{36})$/.exec(location.hash)?.[1] ?? '';
}

/** A new entry that shows the branch below `top`, and has this reply for its address. */
export function pushStep(top: string, id: string): void {
  const step = { top, steps: (stepHere()?.steps ?? 0) + 1 };
  // A page that finds its own way by what stands behind the # keeps that.
  const isFree = !location.hash || replyHere();
  history.pushState(
    { ...(history.state as object), [NAME]: step },
    '',
    isFree ? location.href.replace(/#.*|$/s, `#reply-${id}`) : undefined,
  );
}

/** Another branch is shown at this entry now, or all; what was no such entry is none. */
export function moveStep(top: string | null): void {
  const step = stepHere();
  if (step && step.top !== top)
    history.replaceState({ ...(history.state as object), [NAME]: top ? { ...step, top } : undefined }, '');
}

/** Takes the reply out of the address. */
export function dropReply(): void {
  if (replyHere()) history.replaceState(history.state, '', location.pathname + location.search);
}
