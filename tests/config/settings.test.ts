import { readFileSync } from 'node:fs';
import { loadSettings, type SettingName, secretNames, settingNames } from '../../shared/config/settings';
import { shippedPath } from '../../shared/config/shipped-files';
import { selectProviders } from '../../shared/memory/providers';

/** What a setting takes, with what it becomes, and what it refuses. Free text refuses nothing: blank means unset. */
interface Values {
  good: [raw: string, value: unknown][];
  wrong: string[];
}

const integer = (min: number, max: number): Values => ({
  good: [
    [`${min}`, min],
    [`  ${max} `, max],
  ],
  wrong: [`${min - 1}`, `${max + 1}`, '2.5', 'seven', '1e400', 'NaN'],
});
const oneOf = (...values: string[]): Values => ({
  good: values.map((value) => [value, value]),
  wrong: ['another', values[0]?.toUpperCase() ?? '', `${values[0]}x`],
});
const text: Values = { good: [['some text', 'some text']], wrong: [] };
const address = (good: string): Values => ({
  good: [[good, good]],
  wrong: ['nowhere', 'ftp://example.com', '//example.com'],
});
const web = address('https://example.com/path');
const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];
const provider = oneOf('none', 'mem0', 'zep', 'local');

const table: Record<SettingName, Values> = {
  HOST: text,
  PORT: integer(0, 65_535),
  KEEPSAKE_HOME: text,
  DATABASE_URL: address('postgres://someone@example.com:5432/keepsake'),
  DATABASE_AUTH: oneOf('password', 'entra'),
  MEM0_API_KEY: text,
  MEM0_BASE_URL: web,
  MEM0_TIMEOUT: integer(1, 300),
  MEM0_MAX_RETRIES: integer(0, 10),
  MEM0_BATCH_SIZE: integer(1, 1000),
  MEM0_WEBHOOK_SECRET: text,
  ZEP_API_KEY: text,
  ZEP_BASE_URL: web,
  MEMORY_BACKEND: oneOf('mem0', 'zep', 'local'),
  MEMORY_FALLBACK: provider,
  MEMORY_SHADOW: provider,
  MEMORY_NEW_PEOPLE: provider,
  MEM0_FALLBACK: {
    good: [
      ['true', true],
      ['false', false],
    ],
    wrong: ['yes', '1', 'TRUE'],
  },
  QDRANT_URL: web,
  QDRANT_API_KEY: text,
  QDRANT_CA_CERTIFICATE: {
    good: [
      [`${begin}\nMIIB\n${end}`, `${begin}\nMIIB\n${end}`],
      [`${begin}\\nMIIB\\n${end}`, `${begin}\nMIIB\n${end}`],
    ],
    wrong: ['none', 'MIIB'],
  },
  QDRANT_COLLECTION: text,
  SYNC_SCHEDULE: text,
  RECONCILE_SCHEDULE: text,
  MIGRATION_SCHEDULE: text,
  MIGRATION_SIGNING_KEY: text,
  RETENTION_SCHEDULE: text,
  LOAD_SCHEDULE: text,
  SYNC_INTERVAL_SECONDS: integer(1, 86_400),
  CHAT_PROVIDER: oneOf('azure', 'openai-compatible', 'none'),
  CHAT_MODEL: text,
  CHAT_BASE_URL: web,
  CHAT_API_KEY: text,
  CHAT_TIMEOUT_SECONDS: integer(1, 120),
  RECALL_TIMEOUT_MS: integer(10, 30_000),
  CONTEXT_TOKENS: integer(50, 100_000),
  PUBLIC_URL: web,
  TWILIO_AUTH_TOKEN: text,
  WHATSAPP_VERIFY_TOKEN: text,
  WHATSAPP_APP_SECRET: text,
  WHATSAPP_ACCESS_TOKEN: text,
  WHATSAPP_BASE_URL: web,
  TELEGRAM_SECRET_TOKEN: text,
  MEMORY_LANGUAGE: oneOf('auto', 'en', 'es'),
  USE_CLASSIFIER_SERVICE: {
    good: [
      ['true', true],
      ['false', false],
    ],
    wrong: ['yes', '1', 'TRUE'],
  },
  CLASSIFIER_URL: web,
  REDACT: oneOf('secrets', 'pii', 'off'),
  ENTITY_ID: oneOf('rut', 'uuid', 'e164'),
  AUTH_MODE: oneOf('key', 'entra'),
  LOCAL_FUNCTION_KEY: text,
  LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  AZURE_CLIENT_ID: text,
  KEY_VAULT_URL: web,
  APPLICATIONINSIGHTS_CONNECTION_STRING: text,
  SYNC_QUEUE_NAME: {
    good: [['sync-2', 'sync-2']],
    wrong: ['Sync', 'a', 'sync--people', '-sync', 'sync_people', 'x'.repeat(57)],
  },
};

const rows = settingNames.map((name) => ({ name, ...table[name] }));
const good = rows.flatMap(({ name, good }) => good.map(([raw, value]) => ({ name, raw, value })));
const wrong = rows.flatMap(({ name, wrong }) => wrong.map((raw) => ({ name, raw })));
const defaults = loadSettings({}).settings;

/** Settings that others make necessary, by what is said where they are missing. */
const needed = new Map([
  ['MEMORY_BACKEND=mem0', [/^MEM0_API_KEY must be set .* Mem0 is off/]],
  ['MEMORY_BACKEND=zep', [/^ZEP_API_KEY must be set .* Zep is off/]],
  ...['MEMORY_FALLBACK', 'MEMORY_SHADOW', 'MEMORY_NEW_PEOPLE'].flatMap((name): [string, RegExp[]][] => [
    [`${name}=mem0`, [/^MEM0_API_KEY must be set .* no such second provider/]],
    [`${name}=zep`, [/^ZEP_API_KEY must be set .* no such second provider/]],
  ]),
  ['DATABASE_AUTH=entra', [/^DATABASE_URL must be set .* no database/]],
  ['USE_CLASSIFIER_SERVICE=true', [/^CLASSIFIER_URL must be set .* without the service/]],
  ['CHAT_PROVIDER=openai-compatible', [/^CHAT_MODEL must be set .* coach/, /^CHAT_BASE_URL must be set .* coach/]],
  [
    'CHAT_PROVIDER=azure',
    [/^CHAT_MODEL must be/, /^CHAT_BASE_URL must be/, /^CHAT_API_KEY must be .* azure; .* coach/],
  ],
  ['WHATSAPP_APP_SECRET=some text', [/^WHATSAPP_ACCESS_TOKEN must be set .* no message/]],
]);

describe('a setting', () => {
  it.each(good)('$name takes "$raw"', ({ name, raw, value }) => {
    const { settings, problems } = loadSettings({ [name]: raw });
    const missing = needed.get(`${name}=${raw}`) ?? [];
    expect(problems.map((problem) => `${problem.name} ${problem.message}`)).toEqual(
      missing.map((pattern) => expect.stringMatching(pattern)),
    );
    expect(settings).toEqual({ ...defaults, [name]: value });
  });

  it.each(wrong)('$name refuses "$raw" and falls back to its default', ({ name, raw }) => {
    const { settings, problems } = loadSettings({ [name]: raw });
    expect(problems).toEqual([{ name, message: expect.any(String) }]);
    expect(settings).toEqual(defaults);
  });

  it.each(settingNames)('%s is unset by white space', (name) => {
    expect(loadSettings({ [name]: ' \t' })).toEqual({ settings: defaults, problems: [] });
  });
});

describe('settings', () => {
  it('miss nothing once those are set that others make necessary', () => {
    const { problems } = loadSettings({
      ...{ MEMORY_BACKEND: 'mem0', MEM0_API_KEY: 'key', MEMORY_FALLBACK: 'zep', ZEP_API_KEY: 'key' },
      ...{ USE_CLASSIFIER_SERVICE: 'true', CLASSIFIER_URL: 'http://topics.test' },
      ...{ CHAT_PROVIDER: 'azure', CHAT_MODEL: 'model', CHAT_BASE_URL: 'http://chat.test', CHAT_API_KEY: 'key' },
      ...{ WHATSAPP_APP_SECRET: 'secret', WHATSAPP_ACCESS_TOKEN: 'token' },
    });
    expect(problems).toEqual([]);
  });

  const firstWrong = Object.fromEntries(wrong.map(({ name, raw }) => [name, raw]).reverse());

  it.each(['MEMORY_FALLBACK', 'MEMORY_SHADOW'])('take no provider for new people that %s names', (name) => {
    const env = { MEMORY_BACKEND: 'mem0', MEM0_API_KEY: 'key', ZEP_API_KEY: 'key', MEMORY_NEW_PEOPLE: 'zep' };
    expect(loadSettings(env).problems).toEqual([]);
    const { settings, problems } = loadSettings({ ...env, [name]: 'zep' });
    expect(problems).toEqual([
      { name: 'MEMORY_NEW_PEOPLE', message: expect.stringMatching(/^must not be the provider/) },
    ]);
    const chosen = selectProviders(settings, { isUnknown: () => false });
    expect([chosen.newPeople, chosen.fallback ?? chosen.shadow]).toEqual([null, 'zep']);
  });

  it('lists all problems together', () => {
    const { problems } = loadSettings(firstWrong);
    expect(problems.map(({ name }) => name).sort()).toEqual(Object.keys(firstWrong).sort());
  });

  it('never repeat a value that was refused', () => {
    const canary = 'Canary 8d1f';
    const { problems } = loadSettings(Object.fromEntries(settingNames.map((name) => [name, canary])));
    expect(problems).toHaveLength(Object.keys(firstWrong).length);
    expect(JSON.stringify(problems)).not.toContain(canary);
  });

  it('give no secret and no address a default', () => {
    const isPrivate = (name: string) => /KEY|SECRET|TOKEN$|CONNECTION_STRING|_URL$/.test(name);
    expect(settingNames.filter((name) => isPrivate(name) && defaults[name] !== undefined)).toEqual([]);
  });

  it('leave a Key Vault reference that did not resolve unset, and say what to look at', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://vault.test/secrets/canary-8d1f)';
    const names = ['MEM0_API_KEY', 'DATABASE_URL', 'MEM0_TIMEOUT'];
    const { settings, problems } = loadSettings(Object.fromEntries(names.map((name) => [name, ` ${reference}`])));
    expect(settings).toEqual(defaults);
    expect(problems.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { message } of problems)
      expect(message).toMatch(/could not resolve.*role Key Vault Secrets User.*restart/);
    expect(JSON.stringify(problems)).not.toContain('canary-8d1f');
  });

  it('are taken from the vault where they are left out, if they are secrets', () => {
    const vault = { MEM0_API_KEY: 'theirs', ZEP_API_KEY: 'theirs', QDRANT_API_KEY: 'theirs', HOST: 'theirs' };
    const { settings, problems } = loadSettings(
      { MEM0_API_KEY: 'ours', ZEP_API_KEY: ' ', QDRANT_API_KEY: '@Microsoft.KeyVault(VaultName=v;SecretName=s)' },
      vault,
    );
    expect(settings).toEqual({
      ...{ ...defaults, MEM0_API_KEY: 'ours', ZEP_API_KEY: 'theirs', QDRANT_API_KEY: 'theirs' },
    });
    expect(problems).toEqual([]);
  });

  it('may all lie in the vault that are secret, but for what the host reads itself', () => {
    const isSecret = (name: string) => /KEY$|SECRET$|TOKEN$|CERTIFICATE$|^DATABASE_URL$|CONNECTION_STRING$/.test(name);
    const elsewhere = ['APPLICATIONINSIGHTS_CONNECTION_STRING'];
    expect([...secretNames, ...elsewhere].sort()).toEqual(settingNames.filter(isSecret).sort());
  });

  it('keep a number of days for each type that names one', () => {
    const { settings, problems } = loadSettings({ RETENTION_DAYS_CHECK_IN: '30', RETENTION_DAYS_GOAL: '' });
    expect(problems).toEqual([]);
    expect(settings.retentionDays).toEqual({ check_in: 30 });
  });

  it.each(['0', '-3', '1.5', 'forever'])('refuse to keep a type for "%s" days', (raw) => {
    const { settings, problems } = loadSettings({ RETENTION_DAYS_GOAL: raw });
    expect(problems.map(({ name }) => name)).toEqual(['RETENTION_DAYS_GOAL']);
    expect(settings.retentionDays).toEqual({});
  });
});

describe('the names of all settings', () => {
  const names = [...settingNames].sort();

  it('stand in local.settings.example.json, each with its default', () => {
    const example = JSON.parse(readFileSync(shippedPath('local.settings.example.json'), 'utf8'));
    const { FUNCTIONS_WORKER_RUNTIME, AzureWebJobsStorage, ...values } = example.Values;
    expect([FUNCTIONS_WORKER_RUNTIME, AzureWebJobsStorage]).toEqual(['node', 'UseDevelopmentStorage=true']);
    expect(Object.keys(values).sort()).toEqual(names);
    expect(loadSettings(values)).toEqual({ settings: defaults, problems: [] });
  });

  it("stand in the README's table of settings", () => {
    const [, section = ''] = readFileSync(shippedPath('README.md'), 'utf8').split(/^## Settings$/m);
    const [table = ''] = section.split(/^## /m);
    const firstCells = [...table.matchAll(/^\|([^|]+)\|/gm)].map(([, cell = '']) => cell);
    const listed = firstCells.flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));
    expect(listed.sort()).toEqual(names);
    expect(firstCells.join()).toContain('`RETENTION_DAYS_<TYPE>`');
  });
});
