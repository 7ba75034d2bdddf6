import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { shippedPath } from '../config/shipped-files';
import type { OpenDatabase, ServerAccess } from './client';
import { createPool } from './postgres-pool';
import { appRole } from './row-security';
import * as schema from './schema';

/** Any constant; the same in every instance, so that instances which start together migrate one after the other. */
const migrationLock = 7_305_771;

/** Opens a pool on a Postgres server (15 or newer) and migrates it. Rejects when it cannot be reached within 5 s. */
export async function openPostgres(access: ServerAccess): Promise<OpenDatabase> {
  const owner = createPool(access);
  try {
    const connection = await owner.connect();
    try {
      const migrating = drizzle(connection, { schema });
      await migrating.execute(sql`select pg_advisory_lock(${migrationLock})`);
      await migrate(migrating, { migrationsFolder: shippedPath('shared', 'database', 'migrations') });
      await migrating.execute(sql`select pg_advisory_unlock(${migrationLock})`);
    } finally {
      connection.release();
    }
  } finally {
    await owner.end();
  }
  const pool = createPool(access, appRole);
  return { db: drizzle(pool, { schema }), close: () => pool.end() };
}
