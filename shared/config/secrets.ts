import type { SecretClient } from '@azure/keyvault-secrets';
import { createDeadline, raceSignal } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import type { Credential } from './azure-identity';
import { type LoadedSettings, leftOut, loadSettings, type SecretName, type VaultSecrets } from './settings';

export interface Secrets {
  /** Reads the vault at the first call; resolves once that is done, or its time is up. Never rejects: what failed is tried again. */
  load(): Promise<void>;
  /** Whether a secret that is not there may yet come. What it decides stays open until then: no other part takes its place. */
  isUnknown(name: SecretName): boolean;
  /**
   * Asks for another secret in place of the one that a vendor refused. Resolves with whether the settings hold another by now; the vault
   * is read at most every 10 s, and not at all where the setting itself holds the secret. Never rejects.
   */
  renew(name: SecretName, refused: string | undefined): Promise<boolean>;
  /** Reads no more. */
  close(): void;
}

export interface VaultTiming {
  /** One reading. */
  readMs: number;
  /** The first pause after one that failed; it doubles up to `refreshMs`. */
  retryMs: number;
  /** Until the next one: a secret that was put there, or replaced, is found within this time. */
  refreshMs: number;
  /** Between two readings of a secret that was refused. */
  renewMs: number;
}

export interface SecretsDependencies {
  /** What the settings were read from; the process's own unless told. */
  env?: NodeJS.ProcessEnv;
  /** Whoever has these settings sees in them what the vault holds now. */
  loaded: LoadedSettings;
  credential: Credential;
  logger: Logger;
  timing?: Partial<VaultTiming>;
}

const usualTiming: VaultTiming = { readMs: 5_000, retryMs: 5_000, refreshMs: 300_000, renewMs: 10_000 };

/** What a deployment puts there until the secret is made. */
const placeholder = 'none';

const toVaultName = (name: SecretName): string => name.toLowerCase().replaceAll('_', '-');

/** The secrets that are left out of the settings, from the vault at KEY_VAULT_URL; without that there are none. */
export function createSecrets({ env, loaded, credential, logger, timing }: SecretsDependencies): Secrets {
  const { KEY_VAULT_URL: url } = loaded.settings;
  const { readMs, retryMs, refreshMs, renewMs } = { ...usualTiming, ...timing };
  const wanted = leftOut(env);
  const held: VaultSecrets = {};
  const answered = new Set<SecretName>();
  const renewals = new Map<SecretName, { at: number; done: Promise<unknown> }>();
  let client: Promise<SecretClient> | undefined;
  let loading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: Failure | null = null;
  let failures = 0;
  let isClosed = false;

  const readOne = async (name: SecretName, signal: AbortSignal): Promise<string | undefined> => {
    client ??= connect(url ?? '', credential);
    const { value } = await (await client).getSecret(toVaultName(name), { abortSignal: signal });
    return value?.trim() === placeholder ? undefined : value?.trim() || undefined;
  };

  /** Puts what is held into the settings. */
  const show = () => {
    const { settings, problems } = loadSettings(env, held);
    Object.assign(loaded.settings, settings);
    loaded.problems = problems;
    if (failure) problems.push({ name: 'KEY_VAULT_URL', message: `${said[failure]}; ${untilThen}` });
  };

  /** Resolves with what is wrong with the vault, or null. What could be read is held, and of the rest what was read before. */
  const read = async (names: SecretName[]): Promise<Failure | null> => {
    const { signal } = createDeadline(readMs);
    const reading = names.map(async (name) => {
      held[name] = await raceSignal(readOne(name, signal), signal).catch(unlessMissing);
      answered.add(name);
    });
    const outcomes = await Promise.allSettled(reading);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    return failed ? toFailure((failed as PromiseRejectedResult).reason) : null;
  };

  const refresh = async (): Promise<void> => {
    failure = await read(wanted.map(({ name }) => name));
    show();
    if (failure && failures === 0) logger.warn('key vault failed', { reason: failure });
    if (!failure && failures > 0) logger.info('key vault answers again');
    failures = failure ? failures + 1 : 0;
    const pauseMs = failure ? Math.min(retryMs * 2 ** (failures - 1), refreshMs) : refreshMs;
    if (!isClosed) timer = setTimeout(() => void refresh(), pauseMs).unref();
  };

  return {
    load: async () => {
      if (!url || wanted.length === 0) return;
      loading ??= refresh();
      await loading;
    },
    isUnknown: (name) => {
      const left = loaded.settings[name] === undefined && wanted.find((each) => each.name === name);
      return left ? left.isReference || (url !== undefined && !answered.has(name)) : false;
    },
    renew: async (name, refused) => {
      if (loaded.settings[name] !== refused) return true;
      if (!url || !wanted.some((each) => each.name === name)) return false;
      const now = performance.now();
      const latest = renewals.get(name);
      const renewal = latest && now - latest.at < renewMs ? latest : { at: now, done: read([name]).then(show) };
      renewals.set(name, renewal);
      await renewal.done;
      const isNew = loaded.settings[name] !== refused;
      if (isNew && renewal !== latest) logger.info('secret renewed', { setting: name });
      return isNew;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** The library is loaded with the first reading. A vault on this machine is an emulator's, without a certificate and a domain of Azure's. */
async function connect(url: string, credential: Credential): Promise<SecretClient> {
  const { SecretClient } = await import('@azure/keyvault-secrets');
  const isEmulator = /^(127\.0\.0\.1|localhost)$/.test(new URL(url).hostname);
  return new SecretClient(url, await credential(), {
    retryOptions: { maxRetries: 1 },
    ...(isEmulator && { allowInsecureConnection: true, disableChallengeResourceVerification: true }),
  });
}

type Failure = 'refused' | 'no_identity' | 'unavailable';

const said: Record<Failure, string> = {
  refused:
    'names a vault that does not let this app in: see that its identity has the role Key Vault Secrets User, and that the network may reach it',
  no_identity:
    'names a vault, and this app has no identity to ask it with: in Azure assign one and name it in AZURE_CLIENT_ID, elsewhere sign in with az login',
  unavailable: 'names a vault that does not answer',
};
const untilThen = 'what it alone holds counts as not set, and it is asked again within five minutes';

/** By class and status alone: the messages quote what was asked. */
function toFailure(error: unknown): Failure {
  const { name, statusCode } = error as { name?: unknown; statusCode?: unknown };
  if (statusCode === 401 || statusCode === 403) return 'refused';
  return /Credential|Authentication/.test(String(name)) ? 'no_identity' : 'unavailable';
}

/** For `catch`: a secret that the vault does not have is an answer, too. */
function unlessMissing(error: { statusCode?: unknown }): undefined {
  if (error.statusCode !== 404) throw error;
}
