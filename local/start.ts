import path from 'node:path';
import { container } from '../shared/container';
import { banner } from './banner';
import type { Host } from './host';
import { startLocalHost } from './local-host';
import { applyLocalSettings } from './local-settings';

/** `npm start`: Keepsake on this machine until Ctrl-C. A second Ctrl-C does not wait for what is under way. */
async function main(): Promise<void> {
  const fileProblem = applyLocalSettings(path.resolve('local.settings.json'), process.env);
  const host = await startLocalHost();
  const { settings, problems } = container.settings();
  if (fileProblem) problems.unshift({ name: 'local.settings.json', message: fileProblem });
  const stop = createStop(host);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  console.log(banner(host, settings, problems));
}

function createStop(host: Host): () => void {
  let stopping = false;
  return () => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log('Stopping: what is under way ends first. Ctrl-C again stops at once.');
    host.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
}

function explain(error: unknown): string {
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code !== 'EADDRINUSE') return String(error instanceof Error ? error.stack : error);
  return `Port ${port} on ${address} is in use. Stop what uses it, or choose another with PORT (0 takes a free one).`;
}

main().catch((error) => {
  console.error(explain(error));
  process.exit(1);
});
