// What the browser knows about the network before the line does: that one can be had now (it is back, or the page is looked
// at again, or the machine has slept), and that there is none.

/** A clock that goes on by much more than this between two looks at it: nothing ran meanwhile. */
const LOOK_MS = 2_000;
const ASLEEP_MS = 10_000;

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
  let lookedAt = Date.now();
  const look = setInterval(() => {
    if (Date.now() - lookedAt > ASLEEP_MS) wake();
    lookedAt = Date.now();
  }, LOOK_MS);
  addEventListener('online', wake, over);
  addEventListener('offline', sleep, over);
  addEventListener('pageshow', back, over);
  addEventListener('visibilitychange', seen, over);
  return () => {
    clearInterval(look);
    over.abort();
  };
}
