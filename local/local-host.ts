import { shippedPath } from '../shared/config/shipped-files';
import { container } from '../shared/container';
import { type Host, type HostOptions, startHost } from './host';

/**
 * Starts Keepsake whole in this process: its functions over HTTP and its timers. It listens once model and database are there,
 * or cannot be had, so that the first answer is as quick as the next. Closing it closes the container too.
 */
export async function startLocalHost(options: HostOptions = {}): Promise<Host> {
  container.serveLocally();
  await container.warmUp();
  // A pattern that the bundler sees, so that the functions are in the bundle with the container that is closed here.
  const load = (file: string) => require(`../functions/${file}`);
  return startHost(shippedPath('functions'), { load, terminate: () => container.close(), ...options });
}
