// The one clock of the benchmarks: monotonic, and the same in every process of the machine. Knows no wall time.

/** Milliseconds, with the nanoseconds behind the point. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
