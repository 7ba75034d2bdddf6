import { app } from '@azure/functions';
import { container } from '../shared/container';

/** Once an instance starts, before its first call: what the settings leave to the vault is read before they are. */
app.hook.appStart(() => container.ready());
