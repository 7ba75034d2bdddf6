import { randomUUID } from 'node:crypto';
import { createCredential } from '../../shared/config/azure-identity';
import { createSecrets, type VaultTiming } from '../../shared/config/secrets';
import { loadSettings } from '../../shared/config/settings';
import { createContainer } from '../../shared/container';
import { createLogger } from '../../shared/telemetry/logger';
import type { Fault } from '../support/faults';
import { freshHome } from '../support/home';
import { createVaultServer, type VaultServer } from '../support/vault-server';

describe('with KEY_VAULT_URL', () => {
  let vault: VaultServer;
  const opened: (() => unknown)[] = [];
  beforeAll(async () => {
    vault = await createVaultServer();
  });
  beforeEach(() => {
    vault.fault = () => null;
    vault.secrets = {};
    vault.requests.length = 0;
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });
  afterAll(() => vault.close());

  const open = (env: NodeJS.ProcessEnv = {}, timing: Partial<VaultTiming> = {}) => {
    // Tokens are kept in the process, by who asks.
    const given = { KEY_VAULT_URL: vault.url, AZURE_CLIENT_ID: randomUUID(), ...env };
    const lines: string[] = [];
    const logger = createLogger('debug', (line) => lines.push(line));
    const loaded = loadSettings(given);
    const credential = createCredential(loaded.settings.AZURE_CLIENT_ID);
    const secrets = createSecrets({ env: given, loaded, credential, logger, timing });
    opened.push(secrets.close);
    return { given, loaded, secrets, lines };
  };
  /** Resolves once it holds, or after 5 s. */
  const until = async (isSo: () => boolean) => {
    const started = performance.now();
    while (!isSo() && performance.now() - started < 5_000) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('a secret that is left out is found there, by the identity of the app', async () => {
    vault.secrets = { MEM0_API_KEY: 'theirs', ZEP_API_KEY: 'theirs', CHAT_API_KEY: ' ' };
    const { loaded, secrets } = open({ ZEP_API_KEY: 'ours', AZURE_CLIENT_ID: 'id-of-the-app' });
    await Promise.all([secrets.load(), secrets.load()]);
    expect(loaded.settings).toMatchObject({ MEM0_API_KEY: 'theirs', ZEP_API_KEY: 'ours', CHAT_API_KEY: undefined });
    expect(loaded.problems).toEqual([]);
    expect([vault.reads('MEM0_API_KEY'), vault.reads('ZEP_API_KEY')]).toEqual([1, 0]);
    const [asked, ...others] = vault.requests.filter(({ path }) => path === '/msi/token');
    expect(asked?.query.get('client_id')).toBe('id-of-the-app');
    expect(others).toEqual([]);
  });

  it('what is not there, or is put there later, is not set and no longer open', async () => {
    vault.secrets.QDRANT_CA_CERTIFICATE = 'none';
    const { given, loaded, secrets } = open();
    const isUnknown = () => (['QDRANT_CA_CERTIFICATE', 'DATABASE_URL'] as const).map(secrets.isUnknown);
    expect(isUnknown()).toEqual([true, true]);
    await secrets.load();
    expect(isUnknown()).toEqual([false, false]);
    expect(loaded).toEqual(loadSettings(given));
  });

  it('is no vault asked for where no secret is left out, or where none is named', async () => {
    const { secrets, loaded } = open({ KEY_VAULT_URL: '' });
    await secrets.load();
    expect(await secrets.renew('MEM0_API_KEY', undefined)).toBe(false);
    expect(secrets.isUnknown('MEM0_API_KEY')).toBe(false);
    expect([vault.requests, loaded.problems]).toEqual([[], []]);
  });

  it('a secret that is replaced, or comes, is seen in the same settings at the next reading', async () => {
    const { loaded, secrets } = open({ MEMORY_BACKEND: 'mem0' }, { refreshMs: 10 });
    await secrets.load();
    expect(loaded.problems).toMatchObject([{ name: 'MEM0_API_KEY' }]);
    const { settings } = loaded;
    vault.secrets.MEM0_API_KEY = 'put there later';
    await until(() => settings.MEM0_API_KEY === 'put there later');
    expect(loaded.problems).toEqual([]);
  });

  it('a value that does not fit is told like any other, and not repeated', async () => {
    vault.secrets.DATABASE_URL = 'canary-8d1f';
    const { loaded, secrets, lines } = open();
    await secrets.load();
    expect(loaded.problems).toEqual([{ name: 'DATABASE_URL', message: expect.stringContaining('postgres://') }]);
    expect(JSON.stringify([loaded, lines])).not.toContain('canary-8d1f');
  });

  it('a refused secret is asked for again, once for all who ask and not again soon', async () => {
    vault.secrets.MEM0_API_KEY = 'old';
    const { loaded, secrets, lines } = open({}, { renewMs: 60_000 });
    await secrets.load();
    vault.secrets.MEM0_API_KEY = 'new';
    const renewals = [1, 2, 3].map(() => secrets.renew('MEM0_API_KEY', 'old'));
    expect(await Promise.all(renewals)).toEqual([true, true, true]);
    expect(await secrets.renew('MEM0_API_KEY', 'old')).toBe(true);
    expect(loaded.settings.MEM0_API_KEY).toBe('new');
    expect(await secrets.renew('MEM0_API_KEY', 'new')).toBe(false);
    expect(vault.reads('MEM0_API_KEY')).toBe(2);
    expect(lines).toEqual([JSON.stringify({ level: 'info', event: 'secret renewed', setting: 'MEM0_API_KEY' })]);
  });

  it('a secret that stands in the settings is not looked for in the vault when it is refused', async () => {
    vault.secrets.MEM0_API_KEY = 'theirs';
    const { secrets } = open({ MEM0_API_KEY: 'ours' });
    expect(await secrets.renew('MEM0_API_KEY', 'ours')).toBe(false);
    expect(vault.requests).toEqual([]);
  });

  const status = (code: number): Fault => ({ kind: 'status', status: code });
  const isToken = (path: string) => path === '/msi/token';
  it.each<[title: string, fault: (path: string) => Fault | null, reason: string, hint: RegExp]>([
    ['says nothing', () => ({ kind: 'silent' }), 'unavailable', /does not answer/],
    ['breaks the line', (path) => (isToken(path) ? null : { kind: 'reset' }), 'unavailable', /does not answer/],
    ['refuses', (path) => (isToken(path) ? null : status(403)), 'refused', /role Key Vault Secrets User/],
    ['is asked by nobody', (path) => (isToken(path) ? status(400) : null), 'no_identity', /AZURE_CLIENT_ID.*az login/],
  ])('a vault that %s holds no start up, is a problem, and is asked again', async (_, fault, reason, hint) => {
    vault.secrets.MEM0_API_KEY = 'theirs';
    vault.fault = ({ path }) => fault(path);
    const { loaded, secrets, lines } = open({}, { readMs: reason === 'unavailable' ? 300 : 5_000, retryMs: 5 });
    await secrets.load();
    expect(loaded.problems).toEqual([{ name: 'KEY_VAULT_URL', message: expect.stringMatching(hint) }]);
    expect(secrets.isUnknown('MEM0_API_KEY')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 'warn', event: 'key vault failed', reason });
    vault.fault = () => null;
    await until(() => loaded.settings.MEM0_API_KEY === 'theirs' && loaded.problems.length === 0);
    expect(lines).toHaveLength(2);
  });

  it('while it fails, what was read before it did goes on', async () => {
    vault.secrets.MEM0_API_KEY = 'old';
    const { loaded, secrets } = open({}, { refreshMs: 5 });
    await secrets.load();
    vault.fault = () => ({ kind: 'status', status: 403 });
    await until(() => loaded.problems.length > 0);
    expect(loaded.settings.MEM0_API_KEY).toBe('old');
    expect(await secrets.renew('MEM0_API_KEY', 'old')).toBe(false);
    expect(loaded.problems).toMatchObject([{ name: 'KEY_VAULT_URL' }]);
  });

  /** What takes the place of a provider or a database that is only not known yet would take memories where nobody looks for them. */
  describe('the house', () => {
    const build = (env: NodeJS.ProcessEnv, readMs = 5_000) => {
      const container = createContainer({
        env: { KEEPSAKE_HOME: freshHome(), ...env },
        vaultTiming: { readMs },
        writeLog: () => undefined,
      });
      opened.push(container.close);
      return container;
    };

    it('starts while the vault is silent, says so in health, and keeps nothing in the wrong place', async () => {
      vault.fault = () => ({ kind: 'silent' });
      const container = build({ KEY_VAULT_URL: vault.url }, 200);
      await container.ready();
      expect(await container.health()).toMatchObject({
        ...{ status: 'unhealthy', provider: { name: 'mem0' } },
        database: { engine: 'postgres', reachable: false },
        issues: expect.arrayContaining([expect.stringContaining('Setting KEY_VAULT_URL names a vault that does not')]),
      });
    });

    it('nor does it where a reference did not resolve', async () => {
      const reference = '@Microsoft.KeyVault(VaultName=vault;SecretName=secret)';
      const container = build({ MEM0_API_KEY: reference, DATABASE_URL: reference });
      expect(await container.health()).toMatchObject({
        ...{ status: 'unhealthy', provider: { name: 'mem0' } },
        database: { engine: 'postgres', reachable: false },
      });
    });

    it('is what the vault says', async () => {
      vault.secrets.MEM0_API_KEY = 'theirs';
      const container = build({ KEY_VAULT_URL: vault.url, MEM0_BASE_URL: 'http://127.0.0.1:1' });
      await container.warmUp();
      expect(await container.health()).toMatchObject({
        ...{ provider: { name: 'mem0' }, database: { engine: 'pglite', reachable: true } },
        issues: [expect.stringContaining('provider (mem0) does not answer')],
      });
    });
  });
});
