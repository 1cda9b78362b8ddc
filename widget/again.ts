// Loads a part of the widget once more. Chromium remembers for the life of a page that a module could not be fetched, so that
// after a moment without a line it is asked for under another address; the others forget by themselves.

/** As `load`; where that fails, and the failure names the file, the same file past that memory. */
export function again<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((error: unknown) => {
    const [file] = /https?:\S+\.js/.exec(String(error)) ?? [];
    if (!file) throw error;
    return import(/* @vite-ignore */ `${file}?${Date.now()}`) as Promise<T>;
  });
}
