// How a database that is being started, or kept running, speaks to people. Writes nothing itself: where it goes is the caller's.

/** One sentence. `warn`: something is wrong, or was; `info`, unless told otherwise: things go on. */
export type Tell = (message: string, level?: 'info' | 'warn') => void;
