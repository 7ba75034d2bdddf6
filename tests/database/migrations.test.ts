import { sql } from 'drizzle-orm';
import { createDatabase, type Db } from '../../shared/database/client';
import { people } from '../../shared/database/schema';
import { createServerDatabase } from '../support/databases';
import { freshHome } from '../support/home';

/** Every column of every table, who may see which of their rows, and the migrations that made them. */
async function describeSchema(db: Db) {
  const columns = sql`select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = 'public' order by 1, 2`;
  const policies = sql`select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies where schemaname = 'public' order by 1, 2`;
  const migrations = sql`select hash from drizzle.__drizzle_migrations order by id`;
  const rowsOf = (result: unknown) => (result as { rows: object[] }).rows;
  return db.transaction(async (tx) => {
    // The app itself does not see what the migrations keep of themselves.
    await tx.execute(sql`set local role none`);
    const read = async (query: typeof columns) => rowsOf(await tx.execute(query));
    return { columns: await read(columns), policies: await read(policies), migrations: await read(migrations) };
  });
}

describe('migrations', () => {
  it('run once over PGlite, and a later start changes nothing', async () => {
    const home = freshHome();
    const open = async () => {
      const database = createDatabase({ home, url: undefined });
      const db = await database.open();
      const found = {
        schema: await describeSchema(db),
        people: await db.select({ userId: people.userId }).from(people),
      };
      await db.insert(people).values({ userId: 'ana' }).onConflictDoNothing();
      await database.close();
      return found;
    };
    const first = await open();
    expect(first.schema.columns.length).toBeGreaterThan(50);
    expect(first.people).toEqual([]);
    expect(await open()).toEqual({ ...first, people: [{ userId: 'ana' }] });
  });

  it('can be tried again after a failure', async () => {
    const database = createDatabase({ home: '/dev/null/impossible', url: undefined });
    await expect(database.open()).rejects.toThrow();
    await expect(database.open()).rejects.toThrow();
    await expect(database.close()).resolves.toBeUndefined();
  });

  const server = process.env.TEST_DATABASE_URL;
  const name = server ? 'over a Postgres server' : 'over a Postgres server (skipped: TEST_DATABASE_URL is not set)';
  (server ? describe : describe.skip)(name, () => {
    it('run once though several instances start together', async () => {
      const { url, drop } = await createServerDatabase(server ?? '');
      const databases = Array.from({ length: 4 }, () => createDatabase({ home: '', url }));
      try {
        const schemas = await Promise.all(databases.map(async (database) => describeSchema(await database.open())));
        for (const schema of schemas) expect(schema).toEqual(schemas[0]);
        const { migrations } = schemas[0] ?? { migrations: [] };
        expect(new Set(migrations.map((row) => JSON.stringify(row))).size).toBe(migrations.length);
      } finally {
        await Promise.all(databases.map((database) => database.close()));
        await drop();
      }
    });

    it('make the tables and policies that PGlite has', async () => {
      const { url, drop } = await createServerDatabase(server ?? '');
      const places = [
        { home: freshHome(), url: undefined },
        { home: '', url },
      ].map(createDatabase);
      try {
        const [embedded, onServer] = await Promise.all(places.map(async (place) => describeSchema(await place.open())));
        expect(onServer).toEqual(embedded);
      } finally {
        await Promise.all(places.map((place) => place.close()));
        await drop();
      }
    });
  });
});
