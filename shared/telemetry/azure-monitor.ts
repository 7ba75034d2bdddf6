import { setTimeout as pause } from 'node:timers/promises';
import type { AzureMonitorOpenTelemetryOptions } from '@azure/monitor-opentelemetry';
import type { Credential } from '../config/azure-identity';
import { describeError, type LogFields, type Logger } from './logger';

export interface AzureMonitorOptions {
  connectionString: string;
  /** Who publishes; without one the connection string is enough, where the resource allows that. */
  credential: Awaited<ReturnType<Credential>> | undefined;
  logger: Logger;
}

type ExporterOptions = NonNullable<AzureMonitorOpenTelemetryOptions['azureMonitorExporterOptions']>;
type SendingPolicy = NonNullable<ExporterOptions['additionalPolicies']>[number]['policy'];

const stopMs = 3_000;

/**
 * Loads Azure Monitor's distribution of OpenTelemetry and has it take our spans and metrics, and nothing else: what it knows to
 * instrument by itself would send addresses with people's ids in them, and SQL. Resolves with what stops it, which sends what is
 * left, waits for at most 3 s, and never rejects. Rejects where the connection string is none. Written for
 * @azure/monitor-opentelemetry 1.18.
 */
export async function startAzureMonitor({ connectionString, credential, logger }: AzureMonitorOptions) {
  // Read when the exporter is made, which otherwise reports on itself to its maker.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT = 'true';
  const { useAzureMonitor, shutdownAzureMonitor } = await import('@azure/monitor-opentelemetry');
  const off = { enabled: false };
  useAzureMonitor({
    azureMonitorExporterOptions: {
      connectionString,
      // What could not be sent is not kept on disk: it is out of date by then, and the disk is shared.
      disableOfflineStorage: true,
      retryOptions: { maxRetries: 1, retryDelayInMs: 500, maxRetryDelayInMs: 1_000 },
      additionalPolicies: [{ policy: watchSending(logger), position: 'perCall' }],
      ...(credential && { credential }),
    },
    instrumentationOptions: {
      ...{ http: off, azureSdk: off, postgreSql: off, mongoDb: off, mySql: off, redis: off, redis4: off },
      ...{ bunyan: off, winston: off },
    },
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
  });
  return async (): Promise<void> => {
    const end = Promise.resolve(shutdownAzureMonitor()).catch(() => undefined);
    await Promise.race([end, pause(stopMs, undefined, { ref: false })]);
  };
}

/** Logs when sending begins to fail and when it goes again; not what Azure says of it, which quotes what was sent. */
function watchSending(logger: Logger): SendingPolicy {
  let wasFailing = false;
  const note = (isFailing: boolean, fields: LogFields) => {
    if (isFailing && !wasFailing) logger.warn('telemetry not sent', fields);
    if (wasFailing && !isFailing) logger.info('telemetry is sent again');
    wasFailing = isFailing;
  };
  return {
    name: 'keepsake',
    sendRequest: async (request, next) => {
      try {
        const response = await next(request);
        note(response.status >= 400, { status: response.status });
        return response;
      } catch (error) {
        note(true, describeError(error));
        throw error;
      }
    },
  };
}
