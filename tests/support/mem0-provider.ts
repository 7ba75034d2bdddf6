import { loadSettings, type Settings } from '../../shared/config/settings';
import { createMem0Provider } from '../../shared/memory/mem0';
import { loadMem0Client } from '../../shared/memory/mem0-client';
import { createLogger } from '../../shared/telemetry/logger';
import { createMem0Server } from './mem0-server';

/** The Mem0 provider over a loopback Mem0, both on one clock. */
export async function createTestMem0(now: () => Date, env: NodeJS.ProcessEnv = {}, changes: Partial<Settings> = {}) {
  const server = await createMem0Server({ now });
  const lines: string[] = [];
  const counts: Record<string, number> = {};
  const { settings } = loadSettings({
    MEM0_API_KEY: server.apiKey,
    MEM0_BASE_URL: server.url,
    MEM0_MAX_RETRIES: '0',
    ...env,
  });
  const statistics = {
    observe: () => undefined,
    count: (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    },
  };
  const logger = createLogger('debug', (line) => lines.push(line));
  const provider = createMem0Provider({ settings: { ...settings, ...changes }, statistics, logger, now, pollMs: 1 });
  // The first call of all loads the package and Node's fetch: short deadlines are not to be spent on that.
  await fetch(server.url);
  await loadMem0Client({ settings: { MEM0_API_KEY: 'none' } }, server.url);
  server.requests.length = 0;
  return { server, provider, lines, counts };
}
