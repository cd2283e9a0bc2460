/** Whether a load is still the newest word on its key. */
export type IsCurrent = () => boolean;

/** Lets callers who want the same thing at the same time share one load. */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Promise<Value>>();

  /**
   * The load under way for the key, or a new one.
   *
   * @param load is told how to ask, when it has the value, whether {@link forget} was called meanwhile
   */
  run(key: string, load: (isCurrent: IsCurrent) => Promise<Value>): Promise<Value> {
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) return underWay;
    const isCurrent = () => this.#flights.get(key) === flight;
    // Started in a later turn, so that `flight` is known when the load asks whether it is current.
    const flight: Promise<Value> = Promise.resolve()
      .then(() => load(isCurrent))
      .finally(() => {
        if (isCurrent()) this.#flights.delete(key);
      });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Later callers start a load of their own; who waits already gets the old one. */
  forget(key: string): void {
    this.#flights.delete(key);
  }
}
