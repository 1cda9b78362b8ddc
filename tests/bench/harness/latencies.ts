// Collects latencies into HDR histograms, and carries them between processes. Three digits are kept; times are in
// milliseconds outside and in microseconds inside.
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/** A histogram as text, for messages between processes. */
export type Packed = string;

export interface Summary {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  max: number;
}

export class Latencies {
  readonly #histogram: Histogram;

  constructor(
    histogram: Histogram = build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 }),
  ) {
    this.#histogram = histogram;
  }

  /**
   * Counts a latency in milliseconds. Throws a RangeError for what can't be one: it would be a fault of the measuring.
   */
  add(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a latency of ${ms} ms`);
    this.#histogram.recordValue(Math.round(ms * 1_000));
  }

  /** A lasting sum of all, each value counted as often as it came. */
  static merge(packed: readonly Packed[]): Latencies {
    const sum = new Latencies();
    for (const text of packed) sum.#histogram.add(decodeFromCompressedBase64(text, 32, false));
    return sum;
  }

  pack(): Packed {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  summary(): Summary {
    const at = (percentile: number): number => this.#histogram.getValueAtPercentile(percentile) / 1_000;
    return {
      count: this.#histogram.totalCount,
      p50: at(50),
      p99: at(99),
      p999: at(99.9),
      max: this.#histogram.maxValue / 1_000,
    };
  }
}
