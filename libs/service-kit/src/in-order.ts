/**
 * Runs steps one after another, all of them even if some fail.
 * @param failed tells the whole when there were failures
 * @throws AggregateError with all failures
 */
export async function allInOrder(
  steps: readonly (() => Promise<unknown>)[],
  failed: string,
): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, failed);
}
