// When the browser has reason to believe that a line can be had now: the network is back, or the page is looked at again.

/** Calls back on each such moment, until the function that it gives is called. */
export function onWake(wake: () => void): () => void {
  const seen = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  // Out of the back-forward cache; on an ordinary load there is nothing to wake.
  const back = (event: PageTransitionEvent): void => {
    if (event.persisted) wake();
  };
  addEventListener('online', wake);
  addEventListener('pageshow', back);
  document.addEventListener('visibilitychange', seen);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('pageshow', back);
    document.removeEventListener('visibilitychange', seen);
  };
}
