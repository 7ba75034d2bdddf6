import { app, type TimerHandler } from '@azure/functions';
import { hasSyncQueue } from '../shared/config/settings';
import { type Container, container } from '../shared/container';
import { batchesOutput } from '../shared/sync/queue-bindings';

/** Nightly: has everybody's memories compared with the index, which mends it, and so tells how far the two had drifted apart. */
export const createReconcileHandler =
  (services: Container): TimerHandler =>
  async (_, context) => {
    const batches = await services.timedSync({ isFull: true });
    if (batches.length > 0) context.extraOutputs.set(batchesOutput, batches);
  };

app.timer('reconcile', {
  schedule: '%RECONCILE_SCHEDULE%',
  runOnStartup: false,
  useMonitor: true,
  extraOutputs: hasSyncQueue() ? [batchesOutput] : [],
  handler: createReconcileHandler(container),
});
