import { app } from '@azure/functions';
import { container } from '../shared/container';

/** Once an instance starts, before its first call. */
app.hook.appStart(() => container.ready());
