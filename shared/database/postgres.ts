import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { shippedPath } from '../config/shipped-files';
import type { OpenDatabase, ServerAccess } from './client';
import { createPool } from './postgres-pool';
import { isRefusedOption, prepareRoles, RowSecurityError, requireRowSecurity } from './roles';
import { appRole } from './row-security';
import * as schema from './schema';

/** Any constant; the same in every instance, so that instances which start together migrate one after the other. */
const migrationLock = 7_305_771;

/**
 * Opens a pool on a Postgres server (15 or newer) and migrates it. Rejects when it cannot be reached within 5 s, and with
 * `RowSecurityError` where its statements would not be held by row-level security.
 */
export async function openPostgres(access: ServerAccess): Promise<OpenDatabase> {
  try {
    await migrateAsOwner(access);
    const pool = createPool(access, appRole);
    const db = drizzle(pool, { schema });
    await requireRowSecurity(db).catch(async (error) => {
      await pool.end();
      throw error;
    });
    return { db, close: () => pool.end() };
  } catch (error) {
    if (!isRefusedOption(error)) throw error;
    throw new RowSecurityError(
      'the server refuses what a connection asks for when it begins, as poolers do: the address must be that of the server itself',
      { cause: error },
    );
  }
}

/** Tables belong to whom logs in; everything afterwards acts as the app's role. */
async function migrateAsOwner(access: ServerAccess): Promise<void> {
  const owner = createPool(access);
  try {
    const connection = await owner.connect();
    try {
      const db = drizzle(connection, { schema });
      await db.execute(sql`select pg_advisory_lock(${migrationLock})`);
      await prepareRoles(db);
      await migrate(db, { migrationsFolder: shippedPath('shared', 'database', 'migrations') });
      await db.execute(sql`select pg_advisory_unlock(${migrationLock})`);
    } finally {
      connection.release();
    }
  } finally {
    await owner.end();
  }
}
