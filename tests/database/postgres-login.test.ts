import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContainer } from '../../shared/container';
import { createPool } from '../../shared/database/postgres-pool';
import { createCertificate } from '../support/certificate';
import { createLoginServer, type LoginServer } from '../support/login-server';
import { createVaultServer, type VaultServer } from '../support/vault-server';

const certificate = createCertificate();
const folder = mkdtempSync(path.join(tmpdir(), 'keepsake-login-'));
const trusted = path.join(folder, 'trusted.pem');
writeFileSync(trusted, certificate.cert);
afterAll(() => rmSync(folder, { recursive: true }));

describe('logging in to Postgres', () => {
  let server: LoginServer;
  beforeEach(async () => {
    server = await createLoginServer(certificate);
  });
  afterEach(() => server.close());
  const address = (password = '', query = '') => `postgres://app${password}@127.0.0.1:${server.port}/keepsake${query}`;

  it('is tried again with the password that has replaced a refused one', async () => {
    server.password = 'new';
    let url = address(':old');
    const refusals: unknown[] = [];
    const renew = async (refused: string | undefined) => {
      refusals.push(refused);
      url = address(':new');
      return true;
    };
    const pool = createPool({ url: () => url, renew });
    // As drizzle does, both ways.
    (await pool.connect()).release(true);
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: '0A000' });
    expect(refusals).toEqual([address(':old')]);
    expect(server.logins.map(({ password }) => password)).toEqual(['old', 'new', 'new']);
    await pool.end();
  });

  it('fails where no other password has come', async () => {
    const pool = createPool({ url: () => address(':old'), renew: async () => false });
    await expect(pool.connect()).rejects.toMatchObject({ code: '28P01' });
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(server.logins).toHaveLength(2);
    await pool.end();
  });

  it('by a token asks for one at every connection, and gives it to nobody whose certificate is not trusted', async () => {
    const tokens = ['first', 'second', 'third'];
    const token = async () => {
      server.password = tokens.shift() ?? '';
      return server.password;
    };
    const trusting = createPool({ url: () => address(':ignored', `?sslrootcert=${trusted}&sslmode=disable`), token });
    for (const _ of [1, 2]) (await trusting.connect()).release(true);
    expect(server.logins).toEqual(
      ['first', 'second'].map((password) => ({ user: 'app', password, isEncrypted: true })),
    );
    await trusting.end();
    const strict = createPool({ url: () => address('', '?sslmode=no-verify'), token });
    await expect(strict.connect()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(server.logins).toHaveLength(2);
    await strict.end();
  });

  describe('with DATABASE_AUTH=entra', () => {
    let identity: VaultServer;
    beforeAll(async () => {
      identity = await createVaultServer();
    });
    afterAll(() => identity.close());
    const open = (env: NodeJS.ProcessEnv) =>
      createContainer({ env: { DATABASE_AUTH: 'entra', AZURE_CLIENT_ID: 'app', ...env }, writeLog: () => undefined });

    it('the token is one of the app’s identity, for Postgres', async () => {
      const container = open({ DATABASE_URL: address('', `?sslrootcert=${trusted}`) });
      server.password = 'token 0 for https://ossrdbms-aad.database.windows.net';
      expect(await container.health()).toMatchObject({ database: { engine: 'postgres', reachable: false } });
      expect(server.logins[0]).toEqual({ user: 'app', password: server.password, isEncrypted: true });
      await container.close();
    });

    it('there is no database where none is named, and health says what to set', async () => {
      const container = open({});
      expect(await container.health()).toMatchObject({
        database: { engine: 'postgres', reachable: false },
        issues: expect.arrayContaining([expect.stringContaining('DATABASE_URL must be set where DATABASE_AUTH is')]),
      });
      await container.close();
    });
  });
});
