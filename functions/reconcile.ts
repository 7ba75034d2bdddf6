import { app, type TimerHandler } from '@azure/functions';
import { type Container, container } from '../shared/container';

/** Below host.json's functionTimeout; whom it does not reach goes first the next night. */
const budgetMs = 270_000;

/** Nightly: compares everybody's memories with the index, mends it, and so tells how far the two had drifted apart. */
export const createReconcileHandler =
  (services: Container): TimerHandler =>
  async () => {
    await services.sync({ isFull: true }, budgetMs);
  };

app.timer('reconcile', {
  schedule: '%RECONCILE_SCHEDULE%',
  runOnStartup: false,
  useMonitor: true,
  handler: createReconcileHandler(container),
});
