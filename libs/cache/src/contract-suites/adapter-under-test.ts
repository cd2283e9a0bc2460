import { afterEach } from 'vitest';

/** An adapter with a clock that the test can move. */
export interface AdapterUnderTest<Port> {
  readonly adapter: Port;
  /**
   * Resolves when the store's clock has moved on by this many milliseconds, or somewhat more. A store whose clock can
   * be set moves it; another one is waited for, by its own clock.
   */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Removes what the test left; the adapter was closed before. */
  readonly cleanUp?: () => Promise<void>;
}

/** Gives a new adapter on an empty store. */
export type OpenAdapter<Port> = () => Promise<AdapterUnderTest<Port>>;

interface Closable {
  close(): Promise<void>;
}

/** Opens adapters for the tests of a suite, and closes them after each. To be called within `describe`. */
export function closedAfterEach<Port extends Closable>(open: OpenAdapter<Port>): OpenAdapter<Port> {
  const opened: AdapterUnderTest<Port>[] = [];
  afterEach(async () => {
    for (const { adapter, cleanUp } of opened.splice(0)) {
      await adapter.close();
      await cleanUp?.();
    }
  });
  return async () => {
    const underTest = await open();
    opened.push(underTest);
    return underTest;
  };
}
