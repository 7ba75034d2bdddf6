import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema';

/** The query builder, the same over both engines. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface OpenDatabase {
  db: Db;
  close(): Promise<void>;
}

export interface Database {
  readonly engine: 'pglite' | 'postgres';
  /** Opens and migrates at the first call; later calls get the same one. Rejects when it cannot be opened, and tries anew at the next call. */
  open(): Promise<Db>;
  /** Closes it if it was opened. */
  close(): Promise<void>;
}

/** `url` names a Postgres server; without it a Postgres in this process keeps its files in `home`. */
export function createDatabase(options: { home: string; url: string | undefined }): Database {
  let opening: Promise<OpenDatabase> | null = null;
  const { url } = options;
  // Each engine is loaded when it is opened: importing this file costs nothing.
  const openEngine = async () =>
    url ? (await import('./postgres')).openPostgres(url) : (await import('./pglite')).openPGlite(options.home);
  const open = () => {
    opening ??= openEngine().catch((error) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    engine: url ? 'postgres' : 'pglite',
    open: async () => (await open()).db,
    close: async () => {
      const current = opening;
      opening = null;
      await (await current?.catch(() => null))?.close();
    },
  };
}
