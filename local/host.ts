import { setTimeout as delay } from 'node:timers/promises';
import { hostStorage, loadSettings, type SettingName } from '../shared/config/settings';
import { createLogger, type Logger } from '../shared/telemetry/logger';
import { type Clock, systemClock } from './clock';
import { runHooks } from './functions-core';
import { serveHttp } from './http-server';
import { type LoadFile, loadFunctions } from './load-functions';
import { type HttpFunction, httpFunctions } from './routes';
import type { QueueLimits } from './queue-listener';
import { type Queues, startQueues } from './queues';
import { startTimers, type Timers } from './timers';

export interface HostOptions {
  /** HOST, PORT and LOCAL_FUNCTION_KEY of the settings unless told. */
  host?: string;
  port?: number;
  functionKey?: string;
  /** Log lines of the host itself: failed functions, never their words. By LOG_LEVEL on the console unless told. */
  logger?: Logger;
  clock?: Clock;
  /** How long `close` waits for what is under way; 10 s unless told. */
  drainMs?: number;
  /** Where queues are; AzureWebJobsStorage of the environment unless told. */
  storage?: string;
  /** Those of host.json unless told. */
  queueLimits?: Partial<QueueLimits>;
  /** Loads a file of the folder; `require` by its path unless told. */
  load?: LoadFile;
  /** What `close` does last, once nothing runs any more. */
  terminate?: () => Promise<void>;
}

export interface Host {
  /** Address without a slash at the end: `http://127.0.0.1:7071`. */
  url: string;
  http: HttpFunction[];
  timers: Pick<Timers, 'running' | 'refused'>;
  queues: Pick<Queues, 'running' | 'refused'>;
  /** Takes nothing new, lets what is under way end, and frees everything. Calling it again gives the same promise. */
  close(): Promise<void>;
}

/**
 * Runs the functions of a folder as the Functions host does: HTTP routes under /api, timers on their schedules, messages of queues, hooks
 * of the app. Rejects when a file cannot be loaded or the port cannot be had.
 */
export async function startHost(folder: string, options: HostOptions = {}): Promise<Host> {
  const { settings } = loadSettings();
  const { logger = createLogger(settings.LOG_LEVEL), clock = systemClock, drainMs = 10_000 } = options;
  const registrations = loadFunctions(folder, options.load);
  const http = httpFunctions(registrations);
  await runHooks('appStart', { hookData: {}, appHookData: {} });
  const server = await serveHttp({
    functions: http,
    host: options.host ?? settings.HOST,
    port: options.port ?? settings.PORT,
    functionKey: options.functionKey ?? settings.LOCAL_FUNCTION_KEY,
    logger,
  });
  const setting = (name: string) => settings[name as SettingName]?.toString();
  const { storage = hostStorage(), queueLimits } = options;
  const queues = startQueues(registrations, { storage, limits: queueLimits, logger, setting });
  const timers = startTimers(registrations, { clock, logger, setting, send: queues.send });

  const close = async () => {
    await Promise.all([
      server.close(drainMs),
      Promise.race([Promise.all([timers.stop(), queues.stop()]), delay(drainMs, undefined, { ref: false })]),
    ]);
    await runHooks('appTerminate', { hookData: {}, appHookData: {} });
    await options.terminate?.();
  };
  let closing: Promise<void> | undefined;
  return { url: server.url, http, timers, queues, close: () => (closing ??= close()) };
}
