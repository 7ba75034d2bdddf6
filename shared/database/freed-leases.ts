import type { Database, Db } from './client';

/**
 * Opens a database in whose rows processes note how long they hold them. The embedded one has one process: whoever held a row when
 * this one opened it is gone, and `free` takes that off before anything else. Rejects as `database.open` does.
 */
export function openWithFreedLeases(database: Database, free: (db: Db) => Promise<unknown>): () => Promise<Db> {
  let isFreed = database.engine === 'postgres';
  return async () => {
    const db = await database.open();
    if (!isFreed) {
      isFreed = true;
      await free(db);
    }
    return db;
  };
}
