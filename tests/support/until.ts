// Waiting for a named condition: the only way a test waits.

/** Polls until it holds; fails naming what it waited for. */
export async function until(
  condition: () => unknown,
  what: string,
  { withinMs = 5_000, everyMs = 5 }: { withinMs?: number; everyMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
