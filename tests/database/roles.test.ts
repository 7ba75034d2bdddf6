import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { createContainer } from '../../shared/container';
import { createDatabase, type Db } from '../../shared/database/client';
import { prepareRoles, RowSecurityError, requireRowSecurity } from '../../shared/database/roles';
import { createServerDatabase } from '../support/databases';
import { freshHome } from '../support/home';

const all = 'keepsake_app, keepsake_tenant, keepsake_service';

/** What an operator is told to run. */
const toldIn = (message: string) => message.replace(/^.* run: /, '').replace(/\.$/, '');

describe('the roles of row-level security', () => {
  describe('over PGlite', () => {
    const database = createDatabase({ home: freshHome(), url: undefined });
    let db: Db;
    const run = (...statements: string[]) =>
      statements.reduce((before, text) => before.then(() => db.execute(sql.raw(text))), Promise.resolve<unknown>(null));
    const loginAs = (name: string) => run(`set session authorization ${name}`);

    beforeAll(async () => {
      db = await database.open();
      await run('reset role', `drop owned by ${all}`, `drop role ${all}`, 'create role maker login createrole');
      await run('create role bare login', 'create role "other-app" login createrole');
    });
    afterEach(() => loginAs('postgres'));
    afterAll(() => database.close());

    it('are named to a login that may not make them, with what to run', async () => {
      await loginAs('bare');
      const making = ['app', 'tenant', 'service'].map((name) => `create role keepsake_${name} nologin`).join('; ');
      await expect(prepareRoles(db)).rejects.toThrow(`${making}; grant ${all} to bare`);
    });

    it('are made by a login that may, which acts as them; a second time there is nothing to do', async () => {
      await loginAs('maker');
      await prepareRoles(db);
      await prepareRoles(db);
      await run('set role keepsake_app');
      await requireRowSecurity(db);
    });

    it('that another login made are granted by an administrator, who is told how', async () => {
      await loginAs('"other-app"');
      const refusal: RowSecurityError = await prepareRoles(db).catch((error) => error);
      expect(refusal).toBeInstanceOf(RowSecurityError);
      expect(toldIn(refusal.message)).toBe(`grant ${all} to "other-app"`);
      await loginAs('postgres');
      await run(toldIn(refusal.message));
      await loginAs('"other-app"');
      await prepareRoles(db);
    });

    it('are not relied on where statements act as somebody else, or one of them bypasses policies', async () => {
      await expect(requireRowSecurity(db)).rejects.toThrow('statements do not act as keepsake_app');
      await run('alter role keepsake_tenant bypassrls', 'set role keepsake_app');
      await expect(requireRowSecurity(db)).rejects.toThrow('keepsake_tenant bypasses row-level security');
    });
  });

  const server = process.env.TEST_DATABASE_URL ?? '';
  const name = server ? 'over a Postgres server' : 'over a Postgres server (skipped: TEST_DATABASE_URL is not set)';
  (server ? describe : describe.skip)(name, () => {
    const login = `keepsake_test_${randomUUID().slice(0, 8)}`;
    let address: URL;
    let drop: () => Promise<void>;
    const asAdministrator = async (...statements: string[]) => {
      const client = new Client({ connectionString: server });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    };
    const healthAt = async (url: URL) => {
      const container = createContainer({ env: { DATABASE_URL: url.href, KEEPSAKE_HOME: freshHome() } });
      const { database, issues } = await container.health();
      await container.close();
      return { ...database, issue: issues.find((text) => text.startsWith('The database')) };
    };

    beforeAll(async () => {
      // They belong to the whole server: somebody has made them before this login comes.
      const first = await createServerDatabase(server);
      const database = createDatabase({ home: '', url: first.url });
      await database.open();
      await database.close();
      await first.drop();
      const own = await createServerDatabase(server);
      address = new URL(own.url);
      address.username = login;
      await asAdministrator(
        `create role ${login} login`,
        `alter database ${address.pathname.slice(1)} owner to ${login}`,
      );
      drop = async () => {
        await own.drop();
        await asAdministrator(`drop role ${login}`);
      };
    });
    afterAll(() => drop());

    it('health says what to run where the login may not act as them, and then there is a database', async () => {
      const { reachable, issue = '' } = await healthAt(address);
      expect(reachable).toBe(false);
      expect(toldIn(issue)).toBe(`grant ${all} to ${login}`);
      await asAdministrator(toldIn(issue));
      expect(await healthAt(address)).toMatchObject({ reachable: true, issue: undefined });
    });

    it('no address acts as another role', async () => {
      const asked = new URL(address);
      asked.searchParams.set('options', `-c role=${login} -c work_mem=5MB`);
      const database = createDatabase({ home: '', url: asked.href });
      const db = await database.open();
      const settings = sql`select current_user as name, current_setting('work_mem') as memory`;
      expect(await db.execute(settings)).toMatchObject({ rows: [{ name: 'keepsake_app', memory: '5MB' }] });
      await database.close();
    });
  });

  it('a pooler that refuses them is told from a server that does not answer', async () => {
    const fields = Buffer.from('SFATAL\0C08P01\0Munsupported startup parameter: options\0\0');
    const length = Buffer.alloc(4);
    length.writeInt32BE(fields.length + 4);
    const pooler = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, fields])));
    });
    await new Promise<void>((resolve) => pooler.listen(0, '127.0.0.1', resolve));
    const { port } = pooler.address() as AddressInfo;
    const database = createDatabase({ home: '', url: `postgres://app@127.0.0.1:${port}/keepsake` });
    await expect(database.open()).rejects.toThrow('as poolers do: the address must be that of the server itself');
    pooler.close();
  });
});
