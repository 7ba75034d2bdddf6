import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { createProviderGateway, type ProviderGateway } from './provider-gateway';
import { loadZepClient, type ZepClient } from './zep-client';

export interface ZepGatewayDependencies {
  settings: Pick<Settings, 'ZEP_API_KEY' | 'ZEP_BASE_URL'>;
  secrets?: Pick<Secrets, 'renew'>;
  statistics: Pick<Statistics, 'observe' | 'count'>;
  logger: Logger;
  /** One attempt's time, and attempts after the first one. */
  attemptMs?: number;
  maxRetries?: number;
}

export type ZepGateway = ProviderGateway<ZepClient>;

/** See `ProviderGateway`. */
export function createZepGateway(dependencies: ZepGatewayDependencies): ZepGateway {
  // Picked by name: the container's parts are not there to be spread.
  const { settings, secrets, statistics, logger, attemptMs = 30_000, maxRetries = 3 } = dependencies;
  return createProviderGateway({
    ...{ vendor: 'zep', keySetting: 'ZEP_API_KEY', hasKey: () => settings.ZEP_API_KEY !== undefined },
    load: () => loadZepClient({ settings, secrets }, settings.ZEP_BASE_URL),
    ...{ attemptMs, maxRetries, statistics, logger },
  });
}
