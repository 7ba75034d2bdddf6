import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/** Below host.json's functionTimeout; what is left then is for the next tick. */
const budgetMs = 270_000;

/** Every minute: goes on with migrations that the process which began them did not end, or that a vendor's absence stopped. */
export const createMigrateHandler =
  (services: Container): TimerHandler =>
  async () => {
    await services.migrations().run(budgetMs);
    await services.statistics().flush();
  };

app.timer('migrate', {
  schedule: '%MIGRATION_SCHEDULE%',
  runOnStartup: false,
  useMonitor: false,
  handler: createMigrateHandler(container),
});
