import { z } from 'zod';

/**
 * Every setting of Keepsake, in one table. This file alone reads `process.env`; the same names stand in
 * `local.settings.example.json` and the README. No secret has a default; one that is left out may come from the vault (secrets.ts).
 */

const url = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const integer = (min: number, max: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });
const flag = oneOf(['true', 'false']).transform((value) => value === 'true');
/** A storage queue's name, short enough for the host to add `-poison`. */
const queueName = z
  .string()
  .regex(/^(?=.{3,56}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'must be 3 to 56 lower case letters, digits and single hyphens');
const secret = z.string().min(1).optional();
/** Line ends may be written as `\n`, where a setting has one line. */
const certificate = z
  .string()
  .includes('-----BEGIN CERTIFICATE-----', { error: 'must be a certificate in PEM' })
  .transform((pem) => pem.replaceAll('\\n', '\n'))
  .optional();

const definitions = {
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65_535).default(7071),
  KEEPSAKE_HOME: z.string().min(1).default('.keepsake'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
  DATABASE_AUTH: oneOf(['password', 'entra']).default('password'),
  MEM0_API_KEY: secret,
  MEM0_BASE_URL: url.optional(),
  MEM0_TIMEOUT: integer(1, 300).default(30),
  MEM0_MAX_RETRIES: integer(0, 10).default(3),
  MEM0_BATCH_SIZE: integer(1, 1000).default(10),
  MEM0_WEBHOOK_SECRET: secret,
  ZEP_API_KEY: secret,
  ZEP_BASE_URL: url.optional(),
  MEMORY_BACKEND: oneOf(['mem0', 'zep', 'local']).optional(),
  MEMORY_FALLBACK: oneOf(['none', 'mem0', 'zep', 'local']).default('none'),
  MEMORY_SHADOW: oneOf(['none', 'mem0', 'zep', 'local']).default('none'),
  MEMORY_NEW_PEOPLE: oneOf(['none', 'mem0', 'zep', 'local']).default('none'),
  MEM0_FALLBACK: flag.default(false),
  QDRANT_URL: url.optional(),
  QDRANT_API_KEY: secret,
  QDRANT_CA_CERTIFICATE: certificate,
  QDRANT_COLLECTION: z.string().min(1).default('memories'),
  SYNC_SCHEDULE: z.string().min(1).default('0 * * * * *'),
  RECONCILE_SCHEDULE: z.string().min(1).default('0 30 3 * * *'),
  LOAD_SCHEDULE: z.string().min(1).default('30 * * * * *'),
  MIGRATION_SCHEDULE: z.string().min(1).default('15 * * * * *'),
  MIGRATION_SIGNING_KEY: secret,
  RETENTION_SCHEDULE: z.string().min(1).default('0 0 4 * * *'),
  SYNC_INTERVAL_SECONDS: integer(1, 86_400).default(60),
  CHAT_PROVIDER: oneOf(['azure', 'openai-compatible', 'none']).default('none'),
  CHAT_MODEL: z.string().min(1).optional(),
  CHAT_BASE_URL: url.optional(),
  CHAT_API_KEY: secret,
  CHAT_TIMEOUT_SECONDS: integer(1, 120).default(8),
  RECALL_TIMEOUT_MS: integer(10, 30_000).default(800),
  CONTEXT_TOKENS: integer(50, 100_000).default(1000),
  PUBLIC_URL: url.optional(),
  TWILIO_AUTH_TOKEN: secret,
  WHATSAPP_VERIFY_TOKEN: secret,
  WHATSAPP_APP_SECRET: secret,
  WHATSAPP_ACCESS_TOKEN: secret,
  WHATSAPP_BASE_URL: url.optional(),
  TELEGRAM_SECRET_TOKEN: secret,
  MEMORY_LANGUAGE: oneOf(['auto', 'en', 'es']).default('auto'),
  USE_CLASSIFIER_SERVICE: flag.default(false),
  CLASSIFIER_URL: url.optional(),
  REDACT: oneOf(['secrets', 'pii', 'off']).default('secrets'),
  ENTITY_ID: oneOf(['rut', 'uuid', 'e164']).default('uuid'),
  AUTH_MODE: oneOf(['key', 'entra']).default('key'),
  LOCAL_FUNCTION_KEY: secret,
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  AZURE_CLIENT_ID: z.string().min(1).optional(),
  KEY_VAULT_URL: url.optional(),
  APPLICATIONINSIGHTS_CONNECTION_STRING: secret,
  SYNC_QUEUE_NAME: queueName.optional(),
} satisfies Record<string, z.ZodType>;

const retentionPrefix = 'RETENTION_DAYS_';
const retentionDays = integer(1, 36_500);

type Definitions = typeof definitions;
export type SettingName = keyof Definitions;
export const settingNames = Object.keys(definitions) as SettingName[];

/** Settings that may be left out and lie in the vault at KEY_VAULT_URL instead, each under its name in kebab-case. */
export const secretNames = [
  ...(['DATABASE_URL', 'LOCAL_FUNCTION_KEY', 'MEM0_API_KEY', 'MEM0_WEBHOOK_SECRET', 'ZEP_API_KEY'] as const),
  ...(['MIGRATION_SIGNING_KEY'] as const),
  ...(['QDRANT_API_KEY', 'QDRANT_CA_CERTIFICATE', 'CHAT_API_KEY', 'TWILIO_AUTH_TOKEN'] as const),
  ...(['WHATSAPP_VERIFY_TOKEN', 'WHATSAPP_APP_SECRET', 'WHATSAPP_ACCESS_TOKEN', 'TELEGRAM_SECRET_TOKEN'] as const),
] satisfies SettingName[];
export type SecretName = (typeof secretNames)[number];
/** What the vault holds of them. */
export type VaultSecrets = Partial<Record<SecretName, string>>;

/** Typed values under their environment names; `retentionDays` is keyed by memory type in lower case. */
export type Settings = { [Name in SettingName]: z.output<Definitions[Name]> } & {
  retentionDays: Record<string, number>;
};

/** A setting to be put right: what it must be, and what holds until then. A value is never repeated: it may be a secret. */
export interface SettingProblem {
  name: string;
  message: string;
}

const coachAnswers = 'until then the rule-based coach answers';

/** Settings that another one makes necessary; without them the part that it asks for is off. */
const needed: { name: SettingName; isNeeded: (settings: Settings) => boolean; message: string }[] = [
  {
    name: 'MEM0_API_KEY',
    isNeeded: ({ MEMORY_BACKEND }) => MEMORY_BACKEND === 'mem0',
    message: 'must be set where MEMORY_BACKEND is mem0; until then Mem0 is off, and writes wait in the outbox',
  },
  {
    name: 'ZEP_API_KEY',
    isNeeded: ({ MEMORY_BACKEND }) => MEMORY_BACKEND === 'zep',
    message: 'must be set where MEMORY_BACKEND is zep; until then Zep is off, and writes wait in the outbox',
  },
  ...(['mem0', 'zep'] as const).map((provider) => ({
    name: provider === 'mem0' ? ('MEM0_API_KEY' as const) : ('ZEP_API_KEY' as const),
    isNeeded: ({ MEMORY_BACKEND, MEMORY_FALLBACK, MEMORY_SHADOW, MEMORY_NEW_PEOPLE }: Settings) =>
      MEMORY_BACKEND !== provider && [MEMORY_FALLBACK, MEMORY_SHADOW, MEMORY_NEW_PEOPLE].includes(provider),
    message: `must be set where MEMORY_FALLBACK, MEMORY_SHADOW or MEMORY_NEW_PEOPLE is ${provider}; until then there is no such second provider`,
  })),
  {
    name: 'DATABASE_URL',
    isNeeded: ({ DATABASE_AUTH }) => DATABASE_AUTH === 'entra',
    message: 'must be set where DATABASE_AUTH is entra; until then there is no database',
  },
  {
    name: 'CLASSIFIER_URL',
    isNeeded: ({ USE_CLASSIFIER_SERVICE }) => USE_CLASSIFIER_SERVICE,
    message: 'must be set where USE_CLASSIFIER_SERVICE is true; until then topics are found without the service',
  },
  ...(['CHAT_MODEL', 'CHAT_BASE_URL'] as const).map((name) => ({
    name,
    isNeeded: ({ CHAT_PROVIDER }: Settings) => CHAT_PROVIDER !== 'none',
    message: `must be set where CHAT_PROVIDER is; ${coachAnswers}`,
  })),
  {
    name: 'CHAT_API_KEY',
    isNeeded: ({ CHAT_PROVIDER }) => CHAT_PROVIDER === 'azure',
    message: `must be set where CHAT_PROVIDER is azure; ${coachAnswers}`,
  },
  {
    name: 'WHATSAPP_ACCESS_TOKEN',
    isNeeded: ({ WHATSAPP_APP_SECRET }) => WHATSAPP_APP_SECRET !== undefined,
    message: 'must be set where WHATSAPP_APP_SECRET is; until then its webhook takes no message',
  },
];

const notTwice =
  'must not be the provider that MEMORY_FALLBACK or MEMORY_SHADOW names; until then new people are kept where everybody is';

export interface LoadedSettings {
  settings: Settings;
  problems: SettingProblem[];
}

/** What Azure leaves in a setting whose Key Vault reference it could not resolve; it is nobody's key. */
const isUnresolved = (env: NodeJS.ProcessEnv, name: string): boolean =>
  env[name]?.trimStart().startsWith('@Microsoft.KeyVault(') ?? false;

const unresolved =
  'is a Key Vault reference that Azure could not resolve, and counts as not set: see that the secret is there, that the vault ' +
  'lets this app in, and that its identity (keyVaultReferenceIdentity) has the role Key Vault Secrets User; then restart';

/** A setting as it is written: blank is unset, and so is a reference that did not resolve. */
const written = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  isUnresolved(env, name) ? undefined : env[name]?.trim() || undefined;

/** Secrets that are left out, and whether a reference stands in the place of each: then there is one, though it is not known. */
export function leftOut(env: NodeJS.ProcessEnv = process.env): { name: SecretName; isReference: boolean }[] {
  const names = secretNames.filter((name) => written(env, name) === undefined);
  return names.map((name) => ({ name, isReference: isUnresolved(env, name) }));
}

/**
 * Reads all settings, those that are left out from what the vault holds. Never throws: a value that does not fit is left out in favour
 * of its default and listed in `problems`, so that `npm start` and health can show every wrong value at once and the app still loads;
 * so is one that is missing.
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env, vault: VaultSecrets = {}): LoadedSettings {
  const problems: SettingProblem[] = [];
  const read = (name: string, schema: z.ZodType): unknown => {
    const isSecret = (secretNames as readonly string[]).includes(name);
    const raw = written(env, name) ?? (isSecret ? vault[name as SecretName] : undefined);
    if (raw === undefined && isUnresolved(env, name)) problems.push({ name, message: unresolved });
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    problems.push({ name, message: `${parsed.error.issues[0]?.message ?? 'is not valid'}; its default is used` });
    return schema.parse(undefined);
  };
  const values = Object.fromEntries(settingNames.map((name) => [name, read(name, definitions[name])]));
  const retention = Object.keys(env)
    .filter((name) => name.startsWith(retentionPrefix))
    .map((name) => [name.slice(retentionPrefix.length).toLowerCase(), read(name, retentionDays.optional())] as const)
    .filter((entry) => entry[1] !== undefined);
  const settings = { ...values, retentionDays: Object.fromEntries(retention) } as Settings;
  const missing = needed.filter(({ name, isNeeded }) => settings[name] === undefined && isNeeded(settings));
  problems.push(...missing.map(({ name, message }) => ({ name, message })));
  const { MEMORY_NEW_PEOPLE: newPeople, MEMORY_FALLBACK, MEMORY_SHADOW } = settings;
  if (newPeople !== 'none' && [MEMORY_FALLBACK, MEMORY_SHADOW].includes(newPeople))
    problems.push({ name: 'MEMORY_NEW_PEOPLE', message: notTwice });
  return { settings, problems };
}

/** Whether functions are to be bound to the queue of sync: a binding that names a setting without a value keeps its function from loading. */
export const hasSyncQueue = (env: NodeJS.ProcessEnv = process.env): boolean =>
  queueName.safeParse(env.SYNC_QUEUE_NAME?.trim()).success;

/** The connection string of the Functions host's own storage, where `npm start` stands in for the host. */
export const hostStorage = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  env.AzureWebJobsStorage?.trim() || undefined;
