import { randomBytes } from 'node:crypto';
import { startChild } from './child';

const main = 'node_modules/azurite/dist/src/queue/main.js';
const options = ['--queuePort', '0', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'];

/** Azurite's queues in a process of their own, on a free port, under a key that is made here. */
export async function startAzurite(): Promise<{ connection: string; stop(): Promise<void> }> {
  const [account, key] = ['keepsake', randomBytes(32).toString('base64')];
  const child = startChild(main, options, { AZURITE_ACCOUNTS: `${account}:${key}` });
  const line = await child.line(/listens on/);
  const url = /http:\S+/.exec(line)?.[0];
  return {
    connection: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};QueueEndpoint=${url}/${account};`,
    stop: () => child.kill(),
  };
}
