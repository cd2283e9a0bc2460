/** Why a data folder was not opened. */
export type DataFolderErrorCode =
  /** There are files in it, but not the marker of a data folder. */
  | 'data-folder-foreign'
  /** Its marker cannot be understood, or is of a newer format. */
  | 'data-folder-corrupt'
  /** Another live process has it open, or this one. */
  | 'data-folder-in-use'
  /** The file system refuses: permissions, not a folder, full. */
  | 'data-folder-unusable';

/** A data folder was not opened; nothing in it was changed. The message says what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: DataFolderErrorCode;
  /** The folder. */
  readonly path: string;

  constructor(code: DataFolderErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}
