import { randomUUID } from 'node:crypto';
import { createReconcileHandler } from '../../functions/reconcile';
import { createSyncMemoriesHandler } from '../../functions/sync-memories';
import { createSyncPeopleHandler } from '../../functions/sync-people';
import { createSyncPeoplePoisonHandler } from '../../functions/sync-people-poison';
import type { Callback, Registration } from '../../local/functions-core';
import { invoke } from '../../local/invoke';
import { type Queues, startQueues } from '../../local/queues';
import { createStorageQueues } from '../../local/storage-queues';
import type { Container } from '../../shared/container';
import { batchesOutput, poisonQueue, syncQueue } from '../../shared/sync/queue-bindings';
import { createLogger } from '../../shared/telemetry/logger';

const limits = { maxPollingIntervalMs: 20, visibilityTimeoutMs: 0, maxDequeueCount: 2 };

/** A container's functions of sync, bound to a queue as the host binds them: timers that fire when told to, workers that start when told to. */
export function bindSyncQueue(container: Container, { storage, queue }: { storage: string; queue: string }) {
  const options = { storage, limits, logger: createLogger('silent'), setting: () => queue };
  const timer = (name: string, handler: unknown): Registration => ({
    ...{ name, trigger: { type: 'timerTrigger', name: 'timer' } },
    ...{ outputs: [batchesOutput], callback: handler as Callback },
  });
  const reader = (name: string, binding: object, handler: unknown): Registration => ({
    ...{ name, trigger: { type: 'queueTrigger', name: 'message', ...binding } },
    ...{ outputs: [], callback: handler as Callback },
  });
  const sender = startQueues([], options);
  const fire = (registration: Registration, send = sender.send) => invoke(registration, randomUUID(), {}, send);
  const tick = timer('sync-memories', createSyncMemoriesHandler(container));
  const night = timer('reconcile', createReconcileHandler(container));
  const poison = reader('sync-people-poison', poisonQueue, createSyncPeoplePoisonHandler(container));
  const work = createSyncPeopleHandler(container) as Callback;
  return {
    tick: () => fire(tick),
    /** A timer whose messages are lost on their way. */
    tickInVain: () => fire(tick, async () => undefined),
    reconcile: () => fire(night),
    /** Takes batches; another `callback` stands for a function that fails. */
    startWorker: (callback = work): Queues =>
      startQueues([reader('sync-people', syncQueue, callback), poison], options),
    /** Everything that lies in the queue, which is empty then. */
    takeAll: async () => {
      const opened = await createStorageQueues(storage)(queue);
      const texts: string[] = [];
      for (let taken = await opened.receive(32, 60_000); taken.length > 0; taken = await opened.receive(32, 60_000)) {
        for (const message of taken) {
          texts.push(message.text);
          await opened.remove(message);
        }
      }
      return texts;
    },
    send: (value: unknown) => sender.send(batchesOutput, value),
  };
}
