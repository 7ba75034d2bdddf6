import { asc, count, eq, getTableColumns, gt, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database/client';
import { asService, asTenant, type Tenant } from '../database/row-security';
import { rowsAsOne } from '../database/rows-as-one';

/** Records by the id of whom they are of. Every method rejects when the database cannot be reached. */
export interface RecordRows<Row> {
  /** Replaces whole records; of several of one id the last one holds. */
  put(rows: Row[]): Promise<void>;
  /** As `viewer` may see it: null where there is none, or none for them. */
  get(id: string, viewer: Tenant): Promise<Row | null>;
  /** The next records in the order of their ids; from the first one where `after` is null. */
  page(after: string | null, limit: number): Promise<Row[]>;
  count(): Promise<number>;
}

export function createRecordRows<Row extends object>(
  database: Database,
  table: PgTable,
  key: PgColumn,
): RecordRows<Row> {
  const columns = Object.entries<PgColumn>(getTableColumns(table));
  const keyName = columns.find(([, column]) => column === key)?.[0] as keyof Row;
  const others = columns.filter(([, column]) => column !== key);
  const replaced = Object.fromEntries(
    others.map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
  );
  return {
    put: async (rows) => {
      const latest = [...new Map(rows.map((row) => [row[keyName], row])).values()];
      if (latest.length === 0) return;
      const all = columns.map(([, column]) => column);
      await asService(await database.open(), (tx) =>
        tx
          .insert(table)
          .select(rowsAsOne(table, all, latest))
          .onConflictDoUpdate({ target: key, set: replaced })
          .then(() => undefined),
      );
    },
    get: async (id, viewer) => {
      const [row] = await asTenant(await database.open(), viewer, (tx) => tx.select().from(table).where(eq(key, id)));
      return (row as Row | undefined) ?? null;
    },
    page: async (after, limit) => {
      const beyond = after === null ? undefined : gt(key, after);
      const rows = await asService(await database.open(), (tx) =>
        tx.select().from(table).where(beyond).orderBy(asc(key)).limit(limit),
      );
      return rows as Row[];
    },
    count: async () => {
      const [row] = await asService(await database.open(), (tx) => tx.select({ records: count() }).from(table));
      return row?.records ?? 0;
    },
  };
}
