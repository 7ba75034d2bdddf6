import { loadSettings } from '../../shared/config/settings';
import { createDatabase, type Database } from '../../shared/database/client';
import { createZepProvider } from '../../shared/memory/zep';
import { loadZepClient } from '../../shared/memory/zep-client';
import { createLogger } from '../../shared/telemetry/logger';
import { freshHome } from './home';
import { createZepServer } from './zep-server';

/** The Zep provider over a loopback Zep and a database, all on one clock. */
export async function createTestZep(
  now: () => Date,
  options: { attemptMs?: number; maxRetries?: number } = {},
  own?: Database,
) {
  const server = await createZepServer({ now });
  const lines: string[] = [];
  const counts: Record<string, number> = {};
  const database = own ?? createDatabase({ home: freshHome(), url: undefined });
  const { settings } = loadSettings({ ZEP_API_KEY: server.apiKey, ZEP_BASE_URL: server.url });
  const statistics = {
    observe: () => undefined,
    count: (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    },
  };
  const logger = createLogger('debug', (line) => lines.push(line));
  const create = (changes: typeof options = {}) =>
    createZepProvider({ settings, statistics, logger, now, database, maxRetries: 0, ...options, ...changes });
  await database.open();
  // The first call of all loads the package and Node's fetch: short deadlines are not to be spent on that.
  await fetch(server.url);
  await loadZepClient({ settings: { ZEP_API_KEY: 'none' } }, server.url);
  server.requests.length = 0;
  const close = () => Promise.all([server.close(), own ? undefined : database.close()]);
  return { server, provider: create(), create, database, lines, counts, close };
}
