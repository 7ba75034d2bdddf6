import { type Attributes, metrics } from '@opentelemetry/api';
import type { Credential } from '../config/azure-identity';
import type { Settings } from '../config/settings';
import { describeError, type Logger } from './logger';
import type { Listener } from './statistics';

/** How something stands when it is asked. */
export interface Reading {
  name: `keepsake.${string}`;
  value: number;
  attributes?: Attributes;
}

/**
 * What goes to Azure Monitor: the spans of `inSpan` and `startSpan`, everything that statistics count and time, and how things stand,
 * once a minute. Without APPLICATIONINSIGHTS_CONNECTION_STRING nothing of it is loaded, and nothing goes anywhere.
 */
export interface Telemetry extends Listener {
  /** Once, before the first request where that can be. Never rejects: what fails is logged, and is an issue in health. */
  start(): Promise<void>;
  /** Sends what has not gone yet, for at most 3 s. Never rejects. */
  stop(): Promise<void>;
  /** Why nothing is sent, as a sentence; null where it is, or nobody asked for it. */
  problem(): string | null;
}

export interface TelemetryDependencies {
  settings: Pick<Settings, 'APPLICATIONINSIGHTS_CONNECTION_STRING' | 'AZURE_CLIENT_ID'>;
  credential: Credential;
  logger: Logger;
}

/** How things stand, in bounded time; `read` gives nothing but these names, and never rejects. */
export interface Gauges {
  names: readonly Reading['name'][];
  read(): Promise<Reading[]>;
}

/** What is counted and timed, as metrics: `stage` and `event` are the names that statistics have. */
export const durationMetric = 'keepsake.duration_ms';
export const countMetric = 'keepsake.count';

export function createTelemetry({ settings, credential, logger }: TelemetryDependencies, gauges: Gauges): Telemetry {
  let listener: Listener | null = null;
  let problem: string | null = null;
  let stop = async () => {};

  const listen = (): Listener => {
    const meter = metrics.getMeter('keepsake');
    const duration = meter.createHistogram(durationMetric, { unit: 'ms' });
    const count = meter.createCounter(countMetric);
    const instruments = new Map(gauges.names.map((name) => [name as string, meter.createObservableGauge(name)]));
    meter.addBatchObservableCallback(
      async (observer) => {
        for (const { name, value, attributes } of await gauges.read()) {
          const instrument = instruments.get(name);
          if (instrument) observer.observe(instrument, value, attributes);
        }
      },
      [...instruments.values()],
    );
    return {
      observe: (stage, milliseconds) => duration.record(milliseconds, { stage }),
      count: (event, by = 1) => count.add(by, { event }),
    };
  };

  const start = async (connectionString: string) => {
    try {
      // A file of its own in the deployed bundle, too: it is as large as all the rest, and most run without it.
      const { startAzureMonitor } = await import('./azure-monitor');
      const identity = settings.AZURE_CLIENT_ID === undefined ? undefined : await credential();
      stop = await startAzureMonitor({ connectionString, credential: identity, logger });
      listener = listen();
      logger.info('telemetry started');
    } catch (error) {
      problem =
        'Telemetry could not be started: look at APPLICATIONINSIGHTS_CONNECTION_STRING; nothing is sent to Azure Monitor.';
      logger.error('telemetry failed', describeError(error));
    }
  };

  let started: Promise<void> | undefined;
  return {
    start: async () => {
      const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = settings;
      if (!connectionString) return;
      started ??= start(connectionString);
      await started;
    },
    stop: () => stop(),
    problem: () => problem,
    observe: (name, milliseconds) => listener?.observe(name, milliseconds),
    count: (name, by) => listener?.count(name, by),
  };
}
