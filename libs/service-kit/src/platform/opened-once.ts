/** What is opened once by name, however often it is asked for. */
export class OpenedOnce<T> {
  readonly #opened = new Map<string, Promise<T>>();

  get(name: string, open: () => Promise<T>): Promise<T> {
    const before = this.#opened.get(name);
    if (before !== undefined) return before;
    const opening = open();
    this.#opened.set(name, opening);
    // A failure is not remembered: the disk, or the server, may be there again the next time.
    opening.catch(() => this.#opened.delete(name));
    return opening;
  }
}
