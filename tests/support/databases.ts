import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createDatabase, type Database } from '../../shared/database/client';
import { freshHome } from './home';

const serverUrl = process.env.TEST_DATABASE_URL;

/**
 * Runs a suite over PGlite and over the Postgres server at TEST_DATABASE_URL, each time with a new, empty database. Without
 * that setting the second run shows as skipped.
 */
export function overEachEngine(suite: (database: () => Database) => void): void {
  describe('over PGlite', () => withDatabase(suite, freshEmbedded));
  const name = serverUrl ? 'over a Postgres server' : 'over a Postgres server (skipped: TEST_DATABASE_URL is not set)';
  (serverUrl ? describe : describe.skip)(name, () => withDatabase(suite, freshOnServer));
}

interface FreshDatabase {
  database: Database;
  drop(): Promise<void>;
}

function withDatabase(suite: (database: () => Database) => void, create: () => Promise<FreshDatabase>): void {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await create();
  });
  afterAll(() => fresh.drop());
  suite(() => fresh.database);
}

async function freshEmbedded(): Promise<FreshDatabase> {
  const database = createDatabase({ home: freshHome(), url: undefined });
  return { database, drop: () => database.close() };
}

async function freshOnServer(): Promise<FreshDatabase> {
  const { url, drop } = await createServerDatabase(serverUrl ?? '');
  const database = createDatabase({ home: '', url });
  const close = async () => {
    await database.close();
    await drop();
  };
  return { database, drop: close };
}

/** An empty database of its own on a server, not migrated. */
export async function createServerDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `keepsake_test_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdministrator(server, `drop database ${name} with (force)`) };
}

async function asAdministrator(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
