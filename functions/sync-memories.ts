import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/** Leaves the rest to the next tick. */
const budgetMs = 50_000;

/** Every minute: sends what waits in the outbox and writes the statistics down. What fails is tried again at a later tick. */
export const createSyncMemoriesHandler =
  (services: Container): TimerHandler =>
  async (_timer, context) => {
    const { people, failed } = await services.drainOutbox(AbortSignal.timeout(budgetMs));
    if (people > 0) services.logger().info('outbox drained', { people, failed, invocation: context.invocationId });
    await services.statistics().flush();
  };

app.timer('sync-memories', {
  schedule: '%SYNC_SCHEDULE%',
  runOnStartup: false,
  useMonitor: false,
  handler: createSyncMemoriesHandler(container),
});
