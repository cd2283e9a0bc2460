/**
 * Does what concerns one key one after another. On a fund line from which hundreds are paid at once, each commit would
 * otherwise send all the others back to decide anew, and they would use up their tries on each other. Only a matter of
 * speed: across processes, and for safety, the stream's version decides.
 */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
