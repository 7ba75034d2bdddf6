import { randomUUID } from 'node:crypto';
import { pause } from '../shared/resilience/pause';
import { describeError, type Logger } from '../shared/telemetry/logger';
import type { Registration } from './functions-core';
import { invoke, type SendOutput } from './invoke';
import type { OpenQueue, ReceivedMessage, StorageQueue } from './storage-queues';

/** How messages are taken, under host.json's names; times in ms. */
export interface QueueLimits {
  batchSize: number;
  newBatchThreshold: number;
  maxDequeueCount: number;
  maxPollingIntervalMs: number;
  /** How long a message rests after a failure. */
  visibilityTimeoutMs: number;
  /** How long one that is being worked on is hidden: should this process die, so long it is late. */
  hiddenMs: number;
}

export interface ListenerOptions {
  limits: QueueLimits;
  open: OpenQueue;
  send: SendOutput;
  logger: Logger;
}

const leastPauseMs = 100;

/**
 * Runs a function for each message of a queue, several at once, as the Functions host does: what fails comes again, and what fails too
 * often goes to the queue `<name>-poison`. Returns what stops it: nothing more is taken, and what runs is waited for.
 */
export function listen(registration: Registration, name: string, options: ListenerOptions): () => Promise<void> {
  const { limits, open, send, logger } = options;
  const { maxDequeueCount, visibilityTimeoutMs, hiddenMs } = limits;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  const handle = async (queue: StorageQueue, message: ReceivedMessage) => {
    // Its earlier attempts ended with their process.
    const isWornOut = message.attempts > maxDequeueCount;
    try {
      if (!isWornOut) {
        await invoke(registration, randomUUID(), parse(message.text), send);
        return await queue.remove(message);
      }
    } catch (error) {
      logger.error('queue function failed', { function: registration.name, ...describeError(error) });
      if (message.attempts < maxDequeueCount) return queue.release(message, visibilityTimeoutMs);
    }
    await (await open(`${name}-poison`)).send(message.text);
    await queue.remove(message);
  };

  const start = (queue: StorageQueue, message: ReceivedMessage) => {
    const run = handle(queue, message)
      .catch((error) => logger.warn('queue not reached', describeError(error)))
      .finally(() => running.delete(run));
    running.add(run);
  };

  const takeAll = async () => {
    let pauseMs = leastPauseMs;
    while (!stopping.signal.aborted) {
      try {
        const queue = await open(name);
        const messages = await queue.receive(limits.batchSize, hiddenMs);
        for (const message of messages) start(queue, message);
        if (messages.length > 0) pauseMs = leastPauseMs;
        else await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(2 * pauseMs, limits.maxPollingIntervalMs);
      } catch (error) {
        logger.warn('queue not reached', describeError(error));
        await pause(limits.maxPollingIntervalMs, stopping.signal);
      }
      while (running.size > limits.newBatchThreshold) await Promise.race(running);
    }
    await Promise.all(running);
  };

  const ended = takeAll();
  return () => {
    stopping.abort();
    return ended;
  };
}

/** The host gives a function JSON parsed, and anything else as it is. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
