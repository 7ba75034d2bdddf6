import hostJson from '../host.json';
import type { Logger } from '../shared/telemetry/logger';
import type { Registration } from './functions-core';
import type { SendOutput } from './invoke';
import { listen, type QueueLimits } from './queue-listener';
import { createStorageQueues } from './storage-queues';
import { type ReadSetting, substitute } from './substitute';

export interface QueueOptions {
  /** Connection string; without one no queue can be had. */
  storage: string | undefined;
  /** Those of host.json unless told. */
  limits?: Partial<QueueLimits>;
  logger: Logger;
  setting: ReadSetting;
}

export interface Queues {
  /** Every function with a queue trigger that runs, with its queue. */
  readonly running: { name: string; queue: string }[];
  /** Every one that does not, and why. */
  readonly refused: { name: string; message: string }[];
  /** Sends what a function set for an output: a list is a message for each. Rejects when the queue cannot be reached. */
  send: SendOutput;
  /** Takes nothing more and resolves once what runs has ended. */
  stop(): Promise<void>;
}

const { maxPollingInterval, visibilityTimeout, ...counts } = hostJson.extensions.queues;

/** What the Functions host does, too: its own time for a message that is being worked on. */
const hostLimits: QueueLimits = {
  ...counts,
  maxPollingIntervalMs: toMs(maxPollingInterval),
  visibilityTimeoutMs: toMs(visibilityTimeout),
  hiddenMs: 600_000,
};

/** Runs the functions among `registrations` that have a queue trigger, and sends what others set for a queue output. */
export function startQueues(registrations: readonly Registration[], options: QueueOptions): Queues {
  const { storage, limits, logger, setting } = options;
  const noStorage = 'needs AzureWebJobsStorage: the connection string of the storage that holds its queue.';
  const open = storage ? createStorageQueues(storage) : () => Promise.reject(new Error(`The host ${noStorage}`));
  const send: SendOutput = async ({ queueName }, value) => {
    const queue = await open(substitute(String(queueName), setting));
    for (const item of Array.isArray(value) ? value : [value])
      await queue.send(typeof item === 'string' ? item : JSON.stringify(item));
  };
  const stops: (() => Promise<void>)[] = [];
  const queues: Queues = {
    running: [],
    refused: [],
    send,
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  };
  for (const registration of registrations.filter(({ trigger }) => trigger.type === 'queueTrigger')) {
    const { name, trigger } = registration;
    if (!storage) {
      queues.refused.push({ name, message: noStorage });
      continue;
    }
    const queue = substitute(String(trigger.queueName), setting);
    queues.running.push({ name, queue });
    stops.push(listen(registration, queue, { limits: { ...hostLimits, ...limits }, open, send, logger }));
  }
  return queues;
}

/** `hh:mm:ss`. */
function toMs(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
