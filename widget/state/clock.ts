// Time and chance as the widget's parts see them, so that a simulation can run them under its own.

/** What `setTimeout` gave, for `clearTimeout` of the same clock. */
export type Timer = { readonly brand?: 'timer' } | number;

export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer | null): void;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms) as unknown as Timer,
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
};
