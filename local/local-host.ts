import { shippedPath } from '../shared/config/shipped-files';
import { container } from '../shared/container';
import { type Host, type HostOptions, startHost } from './host';

/** Starts Keepsake whole in this process: its functions over HTTP and its timers. Closing it closes the container too. */
export function startLocalHost(options: HostOptions = {}): Promise<Host> {
  container.serveLocally();
  return startHost(shippedPath('functions'), { terminate: () => container.close(), ...options });
}
