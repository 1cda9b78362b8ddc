// Equal questions that are under way at once share one answer (PUMP5).

export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** Whether one is under way. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins the flight of this key, or starts one. A failure is everybody's and is not kept. */
  run(key: string, start: () => Promise<T>): Promise<T> {
    const under = this.#flights.get(key);
    if (under) return under;
    const flight = start().finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }
}
