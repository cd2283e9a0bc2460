/**
 * The cache's server cannot be reached or does not do what it is asked. What was asked may have been done or not, and
 * may still be done. Holds neither keys nor values.
 */
export class CacheUnavailableError extends Error {
  override readonly name = 'CacheUnavailableError';
}

/** Told once for each change of state, for the log and for whoever is on duty. */
export type OnNotice = (message: string, details: Readonly<Record<string, unknown>>) => void;
