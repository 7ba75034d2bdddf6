import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Pool } from 'pg';
import { shippedPath } from '../config/shipped-files';
import type { OpenDatabase } from './client';
import * as schema from './schema';

/** Any constant; the same in every instance, so that instances which start together migrate one after the other. */
const migrationLock = 7_305_771;

/** Opens a pool on a Postgres server (15 or newer) and migrates it. Rejects when it cannot be reached within 5 s. */
export async function openPostgres(url: string): Promise<OpenDatabase> {
  const pool = new Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    keepAlive: true,
  });
  // An idle connection that the server drops is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    const connection = await pool.connect();
    try {
      const migrating = drizzle(connection, { schema });
      await migrating.execute(sql`select pg_advisory_lock(${migrationLock})`);
      await migrate(migrating, { migrationsFolder: shippedPath('shared', 'database', 'migrations') });
      await migrating.execute(sql`select pg_advisory_unlock(${migrationLock})`);
    } finally {
      connection.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { db: drizzle(pool, { schema }), close: () => pool.end() };
}
