import { z } from 'zod';

/**
 * Every setting of Keepsake, in one table. This file alone reads `process.env`; the same names stand in
 * `local.settings.example.json` and the README. No secret has a default.
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
const secret = z.string().min(1).optional();

const definitions = {
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65_535).default(7071),
  KEEPSAKE_HOME: z.string().min(1).default('.keepsake'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
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
  QDRANT_URL: url.optional(),
  QDRANT_API_KEY: secret,
  QDRANT_COLLECTION: z.string().min(1).default('memories'),
  SYNC_SCHEDULE: z.string().min(1).default('0 * * * * *'),
  RECONCILE_SCHEDULE: z.string().min(1).default('0 30 3 * * *'),
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
  KEY_VAULT_URL: url.optional(),
  APPLICATIONINSIGHTS_CONNECTION_STRING: secret,
  SYNC_QUEUE_NAME: z.string().min(1).optional(),
} satisfies Record<string, z.ZodType>;

const retentionPrefix = 'RETENTION_DAYS_';
const retentionDays = integer(1, 36_500);

type Definitions = typeof definitions;
export type SettingName = keyof Definitions;
export const settingNames = Object.keys(definitions) as SettingName[];

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

/**
 * Reads all settings. Never throws: a value that does not fit is left out in favour of its default and listed in
 * `problems`, so that `npm start` and health can show every wrong value at once and the app still loads; so is one that is missing.
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): { settings: Settings; problems: SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const read = (name: string, schema: z.ZodType): unknown => {
    const raw = env[name]?.trim() || undefined;
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
  return { settings, problems };
}
