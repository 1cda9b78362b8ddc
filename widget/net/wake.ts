// What the browser knows about the network before the line does: that one can be had now (it is back, or the page is looked
// at again), and that there is none.

/** Calls back on each such moment, until the function that it gives is called. */
export function onWake(wake: () => void, sleep: () => void): () => void {
  /** Ends all listening: it is given as the options, of which only its signal is read. */
  const over = new AbortController();
  const seen = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  // Out of the back-forward cache; on an ordinary load there is nothing to wake.
  const back = (event: PageTransitionEvent): void => {
    if (event.persisted) wake();
  };
  addEventListener('online', wake, over);
  addEventListener('offline', sleep, over);
  addEventListener('pageshow', back, over);
  document.addEventListener('visibilitychange', seen, over);
  return () => over.abort();
}
