import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { loadMem0Client, type Mem0Client } from './mem0-client';
import { createProviderGateway, type ProviderGateway } from './provider-gateway';

export interface Mem0Dependencies {
  settings: Pick<Settings, 'MEM0_API_KEY' | 'MEM0_BASE_URL' | 'MEM0_TIMEOUT' | 'MEM0_MAX_RETRIES' | 'MEM0_BATCH_SIZE'>;
  secrets?: Pick<Secrets, 'renew'>;
  statistics: Pick<Statistics, 'observe' | 'count'>;
  logger: Logger;
  now: () => Date;
  /** How often a deletion under way is asked about. */
  pollMs?: number;
}

export type Mem0Gateway = ProviderGateway<Mem0Client>;

/** See `ProviderGateway`. */
export function createMem0Gateway({ settings, secrets, statistics, logger }: Mem0Dependencies): Mem0Gateway {
  const { MEM0_BASE_URL: host, MEM0_TIMEOUT, MEM0_MAX_RETRIES: maxRetries } = settings;
  return createProviderGateway({
    ...{ vendor: 'mem0', keySetting: 'MEM0_API_KEY', hasKey: () => settings.MEM0_API_KEY !== undefined },
    load: () => loadMem0Client({ settings, secrets }, host),
    ...{ attemptMs: MEM0_TIMEOUT * 1000, maxRetries, statistics, logger },
  });
}
