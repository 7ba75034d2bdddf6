import { app, type TimerHandler } from '@azure/functions';
import { hasSyncQueue } from '../shared/config/settings';
import { type Container, container } from '../shared/container';
import { batchesOutput } from '../shared/sync/queue-bindings';

/**
 * Every minute: sends what waits in the outbox, brings the index up to the provider or says in batches who has to be, looks for the facts in
 * chats that were left, and writes the statistics down. What fails is tried again at a later tick.
 */
export const createSyncMemoriesHandler =
  (services: Container): TimerHandler =>
  async (_, context) => {
    const batches = await services.timedSync({});
    if (batches.length > 0) context.extraOutputs.set(batchesOutput, batches);
    await services.catchUp();
    await services.statistics().flush();
  };

app.timer('sync-memories', {
  schedule: '%SYNC_SCHEDULE%',
  runOnStartup: false,
  useMonitor: false,
  extraOutputs: hasSyncQueue() ? [batchesOutput] : [],
  handler: createSyncMemoriesHandler(container),
});
