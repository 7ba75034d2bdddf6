import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalHost } from '../local/local-host';
import { type SettingName, settingNames } from '../shared/config/settings';

export interface BenchHost {
  /** POSTs JSON to a route under /api and gives back the reply's body. Rejects where the status is 300 or more. */
  post<T>(route: string, body: object): Promise<T>;
  /** Where the database lies; nobody holds it after `stop`. */
  home: string;
  /** Stops the host; the folder stays. */
  stop(): Promise<void>;
  /** Removes the folder. */
  clean(): void;
}

/** Keepsake in this process on a free port, with a database of its own and, but for `settings`, default settings. */
export async function startBenchHost(settings: Partial<Record<SettingName, string>> = {}): Promise<BenchHost> {
  for (const name of settingNames) delete process.env[name];
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  Object.assign(process.env, { KEEPSAKE_HOME: home, LOG_LEVEL: 'warn', ...settings });
  const host = await startLocalHost({ port: 0 });
  return {
    home,
    async post(route, body) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${host.url}/api/${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`);
      return JSON.parse(text);
    },
    stop: () => host.close(),
    clean: () => rmSync(home, { recursive: true, force: true }),
  };
}
