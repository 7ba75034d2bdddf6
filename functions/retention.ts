import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/** Below host.json's functionTimeout; what is left then, the oldest first, is for the next night. */
const budgetMs = 270_000;

/** Nightly: deletes what is older than `RETENTION_DAYS_<TYPE>` allows, wherever it is kept. */
export const createRetentionHandler =
  (services: Container): TimerHandler =>
  async () => {
    await services.retention().run(budgetMs);
    await services.statistics().flush();
  };

app.timer('retention', {
  schedule: '%RETENTION_SCHEDULE%',
  runOnStartup: false,
  useMonitor: true,
  handler: createRetentionHandler(container),
});
