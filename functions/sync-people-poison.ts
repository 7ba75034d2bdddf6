import { app, type StorageQueueHandler } from '@azure/functions';
import { hasSyncQueue } from '../shared/config/settings';
import { type Container, container } from '../shared/container';
import { poisonQueue } from '../shared/sync/queue-bindings';

/** Takes note of a batch that failed too often, so that health can tell. */
export const createSyncPeoplePoisonHandler =
  (services: Container): StorageQueueHandler =>
  async (message) => {
    await services.giveUpBatch(message);
    await services.statistics().flush();
  };

if (hasSyncQueue())
  app.storageQueue('sync-people-poison', { ...poisonQueue, handler: createSyncPeoplePoisonHandler(container) });
