/** A unique index has these values for another document. Trying again does not help. */
export class DocumentNotUniqueError extends Error {
  override readonly name = 'DocumentNotUniqueError';

  constructor(options?: ErrorOptions) {
    super('another document has the same values in a unique index', options);
  }
}
