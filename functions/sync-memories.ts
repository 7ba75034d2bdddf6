import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/**
 * Every minute: sends what waits in the outbox, brings the index up to the provider, looks for the facts in chats that were left, and writes
 * the statistics down. What fails is tried again at a later tick.
 */
export const createSyncMemoriesHandler =
  (services: Container): TimerHandler =>
  async () => {
    await services.sync({});
    await services.catchUp();
    await services.statistics().flush();
  };

app.timer('sync-memories', {
  schedule: '%SYNC_SCHEDULE%',
  runOnStartup: false,
  useMonitor: false,
  handler: createSyncMemoriesHandler(container),
});
