import type { Host } from '../../local/host';
import { startLocalHost } from '../../local/local-host';
import { container } from '../../shared/container';
import { countRows } from '../support/count-rows';
import { freshHome } from '../support/home';
import { webhookSecrets } from '../support/webhooks';
import { badRequests, bodyDoors, goalId, memoryId } from './bad-input-cases';

interface Problem {
  errors?: { path: string; message: string }[];
  request_id: string;
}

describe('bad input', () => {
  const home = freshHome();
  const before = { ...process.env };
  const ids: Record<string, string> = {};
  let host: Host;
  let rows: Record<string, number>;

  const send = (
    method: string,
    route: string,
    body?: string | Buffer,
    contentType: string | null = 'application/json',
  ) => {
    const path = route.replace(/\{(memory|goal)\}/, (name) => ids[name] ?? name);
    const headers = body !== undefined && contentType !== null ? { 'content-type': contentType } : undefined;
    // fetch gives a text a type of its own, and bytes none.
    return fetch(`${host.url}/api/${path}`, {
      method,
      headers,
      body: typeof body === 'string' ? Buffer.from(body) : body,
    });
  };

  beforeAll(async () => {
    const zep = { MEMORY_BACKEND: 'local', ZEP_API_KEY: 'never-used', ZEP_BASE_URL: 'http://127.0.0.1:1' };
    Object.assign(process.env, { ...webhookSecrets, ...zep, KEEPSAKE_HOME: home, LOG_LEVEL: 'silent' });
    host = await startLocalHost({ host: '127.0.0.1', port: 0 });
    const added = await send('POST', 'add-memory', '{"user_id":"ana","text":"My locker is number 12."}');
    ids[memoryId] = ((await added.json()) as { memory_id: string }).memory_id;
    const chat = await send('POST', 'chat', '{"user_id":"ana","message":"I want to work out three times a week"}');
    ids[goalId] = ((await chat.json()) as { goals: [{ id: string }] }).goals[0].id;
    await container.close();
    rows = await countRows(home);
  });
  afterAll(async () => {
    await host.close();
    process.env = before;
  });

  it.each(badRequests)('$title', async ({ method, route, body, contentType, status = 400, path }) => {
    const response = await send(method, route, body, contentType);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const { errors = [], ...problem } = (await response.json()) as Problem;
    expect(problem).toEqual({
      ...{ type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) },
      request_id: response.headers.get('x-request-id'),
    });
    expect(response.status).toBe(status);
    expect(problem.request_id).toMatch(/^[\da-f-]{36}$/);
    if (path === undefined) return;
    for (const error of errors) expect(error).toEqual({ path: expect.any(String), message: expect.any(String) });
    expect(errors.map((error) => error.path.slice(0, path.length))).toContain(path);
  });

  it('stores nothing', async () => {
    expect(rows.memories).toBeGreaterThan(1);
    await container.close();
    expect(await countRows(home)).toEqual(rows);
  });

  it.each(bodyDoors)('is one step from what $name takes', async ({ method, route, good }) => {
    expect((await send(method, route, JSON.stringify(good))).ok).toBe(true);
  });
});
