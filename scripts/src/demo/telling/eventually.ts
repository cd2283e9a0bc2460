/** Time between two looks, in milliseconds. */
const betweenLooksMs = 50;

/**
 * Looks again and again until what is looked for is there, for what follows on its own some time after a command.
 * @param look undefined while it is not there yet
 * @param withinMs longest time
 * @throws Error when it is not there in time
 */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
  withinMs = 15_000,
): Promise<Found> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`${what}: not within ${withinMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
  }
}
