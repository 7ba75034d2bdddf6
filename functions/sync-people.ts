import { app, type StorageQueueHandler } from '@azure/functions';
import { hasSyncQueue } from '../shared/config/settings';
import { type Container, container } from '../shared/container';
import { syncQueue } from '../shared/sync/queue-bindings';

/** Syncs a batch of people. An instance for batches alone has no timer that would write its statistics down. */
export const createSyncPeopleHandler =
  (services: Container): StorageQueueHandler =>
  async (message) => {
    await services.syncBatch(message);
    await services.statistics().flush();
  };

if (hasSyncQueue()) app.storageQueue('sync-people', { ...syncQueue, handler: createSyncPeopleHandler(container) });
