// Time as the server's parts see it, so that a simulation can run them under its own.

export type Timer = { readonly brand?: 'timer' } | number | NodeJS.Timeout;

export interface Clock {
  /** Milliseconds that only go forward, whatever is done to the machine's clock; near Unix time, but not the time of day. */
  now(): number;
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
