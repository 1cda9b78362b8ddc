// What a reader has selected in the discussion: where it is, and the same once more when the replies that the page itself
// brought (HTTP5) give way to those that take their place. Loaded where something is selected.

interface Place {
  /** Of the reply. */
  id: string;
  /** From its text down: which child of which; the last is the offset. */
  path: number[];
}

/** Looks what is selected in this root; what it gives selects the same words of the same replies again. */
export function keepSelected(root: ShadowRoot & { getSelection?: () => Selection | null }): () => void {
  const selection = root.getSelection?.() ?? getSelection();
  const range = selection && rangeOf(selection, root);
  const start = range && placeOf(range.startContainer, range.startOffset);
  // A whole paragraph may end where the next thing begins.
  const end = range && (placeOf(range.endContainer, range.endOffset) ?? (start && { id: start.id, path: [Infinity] }));
  return () => {
    const [from, to] = [start && pointOf(root, start), end && pointOf(root, end)];
    if (from && to) selection?.setBaseAndExtent(...from, ...to);
  };
}

/** Each browser has its own way to tell what is selected in a shadow root. */
export function rangeOf(selection: Selection, root: ShadowRoot): AbstractRange | undefined {
  try {
    const [range] = selection.getComposedRanges({ shadowRoots: [root] });
    if (range) return range;
  } catch {
    // Not there, or as it was first proposed.
  }
  return selection.rangeCount ? selection.getRangeAt(0) : undefined;
}

/** Null: it is not in the text of a reply. */
function placeOf(node: Node, offset: number): Place | null {
  const path = [offset];
  let at = node;
  while (!(at instanceof Element && at.matches('.body'))) {
    const above = at.parentNode;
    if (!above) return null;
    path.unshift([...above.childNodes].indexOf(at as ChildNode));
    at = above;
  }
  return { id: at.closest('article')!.id, path };
}

/** Null: the reply is not shown, or has another text now. */
function pointOf(root: ShadowRoot, { id, path }: Place): [node: Node, offset: number] | null {
  let node: Node | null | undefined = root.getElementById(id)?.querySelector('.body');
  for (const i of path.slice(0, -1)) node = node?.childNodes[i];
  if (!node) return null;
  const most = node.nodeType === Node.TEXT_NODE ? node.textContent!.length : node.childNodes.length;
  return [node, Math.min(path.at(-1)!, most)];
}
