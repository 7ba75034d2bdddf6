import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type SettingName, settingNames } from '../shared/config/settings';
import { shippedPath } from '../shared/config/shipped-files';

/** An answer whose status is 300 or more. */
export class StatusError extends Error {
  constructor(
    call: string,
    readonly status: number,
    text: string,
  ) {
    super(`${call}: ${status} ${text}`);
  }
}

export interface BenchServer {
  url: string;
  /** Calls a route under /api over a connection that is kept open. Rejects with `StatusError` where the status is 300 or more. */
  call<T>(method: 'GET' | 'POST' | 'PUT', route: string, body?: object): Promise<T>;
  /** Resident memory of the server's process in MiB, now and at its highest; null where the system does not tell. */
  residentMib(): { now: number; highest: number } | null;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

/** `npm start` in a process of its own, on a free port of the loopback address, with a new database and, but for `settings`, default settings. */
export async function startBenchServer(settings: Partial<Record<SettingName, string>> = {}): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  const unset = Object.fromEntries(settingNames.map((name) => [name, '']));
  const own = { KEEPSAKE_HOME: home, PORT: '0', LOG_LEVEL: 'warn', ...settings };
  const child = spawn(process.execPath, [shippedPath('local', 'npm-start.mjs')], {
    cwd: shippedPath(),
    env: { ...process.env, ...unset, NODE_OPTIONS: '', ...own },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout)
      .on('line', (line) => {
        const [address] = /http:\/\/127\S+/.exec(line) ?? [];
        if (address) resolve(address);
      })
      .on('close', () => reject(new Error('The server ended before it listened')));
  });
  const agent = new Agent({ keepAlive: true });
  return {
    url,
    call: (method, route, body) => callJson(agent, method, `${url}/api/${route}`, body),
    residentMib: () => readResident(child.pid ?? 0),
    stop: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await exit;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function callJson<T>(agent: Agent, method: string, url: string, body?: object): Promise<T> {
  const content = body && Buffer.from(JSON.stringify(body));
  const headers = content && { 'content-type': 'application/json', 'content-length': content.length };
  const sent = request(url, { agent, method, headers });
  sent.end(content);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { statusCode = 500 } = response;
  if (statusCode >= 300) throw new StatusError(`${method} ${url}`, statusCode, text);
  return JSON.parse(text);
}

/** Linux only. */
function readResident(pid: number): { now: number; highest: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mib = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
    return { now: mib('VmRSS'), highest: mib('VmHWM') };
  } catch {
    return null;
  }
}
