// Measures what is in sight. Owns no decision and moves nothing.

/** Top and bottom of what can be seen, in client coordinates. */
export interface Sight {
  top: number;
  bottom: number;
}

/** The box that scrolls when the discussion is scrolled: the nearest that can, else the page. */
export function scrollerOf(host: Element): Element {
  for (let node: Element | null | undefined = parentOf(host); node; node = parentOf(node)) {
    const { overflowY } = getComputedStyle(node);
    const scrolls = overflowY === 'auto' || overflowY === 'scroll';
    if (scrolls && node.scrollHeight > node.clientHeight && node !== document.body) return node;
  }
  return document.scrollingElement ?? document.documentElement;
}

export function sightOf(scroller: Element): Sight {
  const height = document.documentElement.clientHeight;
  if (scroller === document.scrollingElement) return { top: 0, bottom: height };
  const { top, bottom } = scroller.getBoundingClientRect();
  return { top: Math.max(0, top), bottom: Math.min(height, bottom) };
}

/** The first reply of which a part is in sight. Replies stand one below the other, so halving finds it. */
export function firstInSight(articles: ArrayLike<Element>, sight: Sight): Element | null {
  let [low, high] = [0, articles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (articles[middle]!.getBoundingClientRect().bottom > sight.top) high = middle;
    else low = middle + 1;
  }
  const found = articles[low];
  return found && found.getBoundingClientRect().top < sight.bottom ? found : null;
}

/** Through the edges of shadow trees. */
export function parentOf(node: Element): Element | null | undefined {
  return node.parentElement ?? (node.getRootNode() as Partial<ShadowRoot>).host;
}
