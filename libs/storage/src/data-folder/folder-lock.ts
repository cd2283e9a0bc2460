import { DatabaseSync } from 'node:sqlite';

/**
 * A lock on a file that ends with the process that holds it, however that ends: SQLite's file lock, which the kernel
 * (or Windows) gives back. Holds against other processes and against a second try in this one.
 *
 * Nobody else may open and close the lock file: POSIX drops all of a process's locks on a file when it closes any
 * descriptor of it.
 */
export class FolderLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the lock; undefined when somebody else has it. Makes the file, which stays empty. */
  static take(file: string): FolderLock | undefined {
    const database = new DatabaseSync(file);
    try {
      database.exec('BEGIN EXCLUSIVE');
      return new FolderLock(database);
    } catch (error) {
      database.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) {
        return undefined;
      }
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;
