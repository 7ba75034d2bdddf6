import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/** The next tick goes on after it. */
const budgetMs = 50_000;

/** Every minute: goes on with loads that the process which began them did not end. */
export const createLoadBrainHandler =
  (services: Container): TimerHandler =>
  async () => {
    await services.jobs().run(budgetMs);
    await services.statistics().flush();
  };

app.timer('load-brain', {
  schedule: '%LOAD_SCHEDULE%',
  runOnStartup: false,
  useMonitor: false,
  handler: createLoadBrainHandler(container),
});
