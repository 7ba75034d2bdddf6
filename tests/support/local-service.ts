import { settingNames } from '../../shared/config/settings';
import { startChild } from './child';

export interface HttpAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
  body: any;
}

export interface LocalService {
  url: string;
  /** Calls a route under /api; a body is sent as JSON. */
  call(method: string, route: string, body?: object): Promise<HttpAnswer>;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  output(): string;
}

/** `npm start` in a process of its own on a free port, over the embedded database in `home`. */
export async function startLocalService(home: string, env: NodeJS.ProcessEnv = {}): Promise<LocalService> {
  const unset = Object.fromEntries(settingNames.map((name) => [name, '']));
  const child = startChild('local/npm-start.mjs', [], { ...unset, KEEPSAKE_HOME: home, PORT: '0', ...env });
  const line = await child.line(/http:\/\/127/);
  const url = /http:\/\/\S+/.exec(line)?.[0] ?? '';
  return {
    url,
    call: (...request) => callJson(url, ...request),
    stop: () => child.kill('SIGTERM'),
    kill: () => child.kill(),
    output: child.output,
  };
}

async function callJson(url: string, method: string, route: string, body?: object): Promise<HttpAnswer> {
  const headers = body && { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/${route}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
