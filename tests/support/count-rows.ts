import { getTableName, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { createDatabase } from '../../shared/database/client';
import { asService } from '../../shared/database/row-security';
import * as schema from '../../shared/database/schema';
import * as brain from '../../shared/database/schema-brain';
import * as conversations from '../../shared/database/schema-conversations';

/** What goes on whatever is asked: requests are counted and timed, and a timer fires. */
const ownLife = new Set<unknown>([schema.statCounters, schema.syncRuns, schema.syncState, schema.leases]);

/** How many rows each of the other tables has, in the embedded database of a folder that nobody holds. */
export async function countRows(home: string): Promise<Record<string, number>> {
  const database = createDatabase({ home, url: undefined });
  const db = await database.open();
  const tables = Object.values({ ...schema, ...brain, ...conversations }).filter(
    (table) => table instanceof PgTable && !ownLife.has(table),
  ) as PgTable[];
  const counts: [string, number][] = [];
  for (const table of tables) {
    const [row] = await asService(db, (tx) => tx.select({ count: sql<number>`count(*)`.mapWith(Number) }).from(table));
    counts.push([getTableName(table), row?.count ?? 0]);
  }
  await database.close();
  return Object.fromEntries(counts);
}
