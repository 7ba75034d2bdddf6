import { type Column, sql, type Table } from 'drizzle-orm';

/**
 * The select that gives `columns` of these rows, in their order, for an insert: all of them as one parameter. Postgres takes no more than
 * 65,535, and PGlite and drizzle take longer over many than Postgres over the rest.
 */
export function rowsAsOne<Row extends object>(table: Table, columns: Column[], rows: readonly Row[]) {
  const keys = Object.entries(table).filter(([, column]) => columns.includes(column as Column));
  const json = rows.map((row) => Object.fromEntries(keys.map(([key, column]) => [column.name, row[key as keyof Row]])));
  const names = sql.join(
    keys.map(([, column]) => sql.identifier(column.name)),
    sql`, `,
  );
  return sql`select ${names} from json_populate_recordset(null::${table}, ${JSON.stringify(json)}::json)`;
}
