import type { Database, Db } from './client';

/**
 * Opens a database in whose rows processes note how long they hold them. The embedded one has one process: whoever held a row when
 * this one opened it is gone, and `free` takes that off before anything else. Rejects as `database.open` does, and as `free`,
 * which the next call then makes again.
 */
export function openWithFreedLeases(database: Database, free: (db: Db) => Promise<unknown>): () => Promise<Db> {
  let freed: Promise<unknown> | null = database.engine === 'postgres' ? Promise.resolve() : null;
  return async () => {
    const db = await database.open();
    freed ??= free(db).catch((error) => {
      freed = null;
      throw error;
    });
    await freed;
    return db;
  };
}
