/** Those who are told that something has changed. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Calls back with every change, until the returned function is called. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Waits for an outcome, which is asked for after every change; false when the time is up.
   * @param outcome undefined as long as there is none
   */
  async waitFor(outcome: () => boolean | undefined, timeoutMs: number): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        remove();
        resolve(result);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      const remove = this.add(() => {
        const result = outcome();
        if (result !== undefined) finish(result);
      });
    });
  }
}
