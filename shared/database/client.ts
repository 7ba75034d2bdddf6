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

/** How to get into a Postgres server. */
export interface ServerAccess {
  /** Its address as it is now; undefined while it is not known. */
  url(): string | undefined;
  /** What stands in for a password, asked for at every login. */
  token?(): Promise<string>;
  /** Told of an address that was refused; whether there is another by now. */
  renew?(refused: string | undefined): Promise<boolean>;
}

/** `url` names a Postgres server, or how to get into one; without it a Postgres in this process keeps its files in `home`. */
export function createDatabase({ home, url }: { home: string; url: string | ServerAccess | undefined }): Database {
  let opening: Promise<OpenDatabase> | null = null;
  const server = typeof url === 'string' ? { url: () => url } : url;
  // Each engine is loaded when it is opened: importing this file costs nothing.
  const openEngine = async () =>
    server ? (await import('./postgres')).openPostgres(server) : (await import('./pglite')).openPGlite(home);
  const open = () => {
    opening ??= openEngine().catch((error) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    engine: server ? 'postgres' : 'pglite',
    open: async () => (await open()).db,
    close: async () => {
      const current = opening;
      opening = null;
      await (await current?.catch(() => null))?.close();
    },
  };
}
