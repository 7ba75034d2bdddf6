import { type Column, getTableColumns, sql, type Table } from 'drizzle-orm';
import type { Db } from './client';

/**
 * The select that gives `columns` of these rows, in their order, for an insert: all of them as one parameter. Postgres takes no more than
 * 65,535, and PGlite and drizzle take longer over many than Postgres over the rest.
 */
export function rowsAsOne<Row extends object>(table: Table, columns: Column[], rows: readonly Row[]) {
  const keys = Object.entries(table).filter(([, column]) => columns.includes(column as Column));
  const json = rows.map((row) => Object.fromEntries(keys.map(([key, column]) => [column.name, row[key as keyof Row]])));
  return sql`select ${namesOf(columns)} from json_populate_recordset(null::${table}, ${JSON.stringify(json)}::json)`;
}

const namesOf = (columns: Column[]) =>
  sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );

/** All columns but the one that Postgres counts. */
export const givenColumns = (table: Table): Column[] =>
  Object.values(getTableColumns(table)).filter(({ generatedIdentity }) => generatedIdentity === undefined);

/** Inserts rows so, where Postgres makes the other columns itself. */
export async function insertAsOne<Row extends object>(
  tx: Pick<Db, 'execute'>,
  table: Table,
  columns: Column[],
  rows: readonly Row[],
): Promise<void> {
  await tx.execute(sql`insert into ${table} (${namesOf(columns)}) ${rowsAsOne(table, columns, rows)}`);
}
