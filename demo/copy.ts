// Copies the text of an element for the reader to paste.

/**
 * Whether the text is on the clipboard now. Where the browser doesn't allow that (pages of plain http have no clipboard
 * interface), the text is left selected, so that one key copies it.
 */
export async function copyText(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    select(element);
    return false;
  }
}

function select(element: HTMLElement): void {
  element.focus();
  getSelection()?.selectAllChildren(element);
}
