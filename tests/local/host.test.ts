import { once } from 'node:events';
import { request } from 'node:http';
import type { Host } from '../../local/host';
import { maxBodyBytes } from '../../local/request';
import { held } from './fixtures/held';
import { sendRaw, startFixtures } from './support';

const problem = (status: number) => ({
  type: 'about:blank',
  title: expect.any(String),
  status,
  detail: expect.any(String),
  request_id: expect.stringMatching(/^[\da-f-]{36}$/),
});

describe('the local host', () => {
  let host: Host;
  let lines: string[];
  beforeAll(async () => {
    ({ host, lines } = await startFixtures());
  });
  afterAll(() => host.close());

  it('gives a function its parameters, query and body, and sends what it returns', async () => {
    const response = await fetch(`${host.url}/api/echo/a%20b?q=1&q=2`, { method: 'POST', body: 'abc' });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-echo')).toBe('echo');
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(await response.json()).toEqual({ params: { id: 'a b' }, query: ['1', '2'], length: 3 });
  });

  it('answers HEAD without a body where a function names it', async () => {
    const response = await fetch(`${host.url}/api/echo`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([201, '']);
  });

  it.each([
    ['GET', '/api/nothing', 404],
    ['GET', '/', 404],
    ['GET', '/api/files/%zz', 400],
  ])('%s %s is a problem %d', async (method, path, status) => {
    const response = await fetch(host.url + path, { method });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const requestId = response.headers.get('x-request-id');
    expect(await response.json()).toEqual({ ...problem(status), request_id: requestId });
  });

  it('answers 405 with the methods that are allowed', async () => {
    const response = await fetch(`${host.url}/api/echo`, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('HEAD, POST');
    expect(await response.json()).toEqual(problem(405));
  });

  it.each(['throws', 'resets', 'number'])(
    'answers 500 without detail for a function that fails (%s), and logs none of its words',
    async (kind) => {
      const response = await fetch(`${host.url}/api/answers/${kind}`);
      const text = await response.text();
      expect(JSON.parse(text)).toEqual(problem(500));
      const line = lines.at(-1) ?? '';
      expect(JSON.parse(line)).toMatchObject({
        level: 'error',
        function: 'answers',
        request_id: JSON.parse(text).request_id,
      });
      expect(text + lines.join()).not.toContain('somebody said');
    },
  );

  it('answers 204 for a function that returns nothing', async () => {
    expect((await fetch(`${host.url}/api/answers/nothing`)).status).toBe(204);
  });

  it('streams a body piece by piece', async () => {
    const response = await fetch(`${host.url}/api/answers/stream`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one ');
    held.release();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('cancels a stream whose reader has gone', async () => {
    const response = await fetch(`${host.url}/api/answers/endless`);
    const cancelled = new Promise<void>((resolve) => {
      held.cancelled = resolve;
    });
    await response.body?.cancel();
    await cancelled;
    expect((await fetch(`${host.url}/api/files`)).status).toBe(200);
  });

  it('breaks the connection off when a stream fails, and goes on', async () => {
    const response = await fetch(`${host.url}/api/answers/broken`);
    await expect(response.text()).rejects.toThrow();
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'function failed', function: 'answers' });
    expect((await fetch(`${host.url}/api/files`)).status).toBe(200);
  });
});

describe('the size of a body', () => {
  let host: Host;
  beforeAll(async () => {
    ({ host } = await startFixtures());
  });
  afterAll(() => host.close());

  it('may be a little above 2 MiB', async () => {
    const response = await fetch(`${host.url}/api/echo`, { method: 'POST', body: Buffer.alloc(maxBodyBytes) });
    expect(await response.json()).toMatchObject({ length: maxBodyBytes });
  });

  it('is refused above that with an answer that arrives', async () => {
    const response = await fetch(`${host.url}/api/echo`, { method: 'POST', body: Buffer.alloc(maxBodyBytes + 1) });
    expect(await response.json()).toEqual(problem(413));
  });

  it('is refused unsent where the caller asks first', async () => {
    const headers = { expect: '100-continue', 'content-length': maxBodyBytes + 1 };
    const sender = request(`${host.url}/api/echo`, { method: 'POST', headers });
    const continued = jest.fn();
    sender.on('continue', continued).flushHeaders();
    const [response] = await once(sender, 'response');
    sender.destroy();
    expect(response.statusCode).toBe(413);
    expect(continued).not.toHaveBeenCalled();
  });

  it('is taken where the caller asks first and it fits', async () => {
    const sender = request(`${host.url}/api/echo`, {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 3 },
    });
    sender.on('continue', () => sender.end('abc')).flushHeaders();
    const [response] = await once(sender, 'response');
    expect(response.statusCode).toBe(201);
    response.resume();
  });
});

describe('malformed requests', () => {
  let host: Host;
  let lines: string[];
  beforeAll(async () => {
    ({ host, lines } = await startFixtures());
  });
  afterAll(() => host.close());

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['no host', 'GET /api/files HTTP/1.1\r\n\r\n', 400],
    ['a host that is none', 'GET /api/files HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400],
    ['a host with a password', 'GET /api/files HTTP/1.1\r\nhost: a:b@c\r\nconnection: close\r\n\r\n', 400],
    ['headers without end', `GET /api/files HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a length that is none', 'POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n', 400],
    ['a method that fetch forbids', 'TRACE /api/files HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 405],
    [
      'an address of another host',
      'GET http://elsewhere/api/nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      404,
    ],
  ])('%s is answered', async (_, text, status) => {
    const answer = await sendRaw(host.url, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (!answer.includes('\r\n\r\n{'))
      expect([status, answer]).toEqual([400, expect.stringContaining('400 Bad Request')]);
    expect((await fetch(`${host.url}/api/files`)).status).toBe(200);
  });

  it('is no failure when the caller leaves in the middle of a body', async () => {
    const sender = request(`${host.url}/api/echo`, {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 1000 },
    });
    sender.on('error', () => undefined).flushHeaders();
    await once(sender, 'continue');
    sender.destroy();
    await host.close();
    expect(lines).toEqual([]);
  });
});

describe('the function key', () => {
  let host: Host;
  beforeAll(async () => {
    ({ host } = await startFixtures({ functionKey: 'right' }));
  });
  afterAll(() => host.close());

  it.each([
    ['as a header', '', { 'x-functions-key': 'right' }, 201],
    ['in the address', '?code=right', {}, 201],
    ['missing', '', {}, 401],
    ['wrong', '', { 'x-functions-key': 'wrong' }, 401],
    ['longer than the right one', '?code=right1', {}, 401],
    ['empty', '?code=', {}, 401],
  ])('%s', async (_, query, headers, status) => {
    const response = await fetch(`${host.url}/api/echo${query}`, { method: 'POST', headers, body: 'abc' });
    expect(response.status).toBe(status);
    if (status === 401) expect(await response.json()).toEqual(problem(401));
  });

  it('is not asked for by an anonymous function', async () => {
    expect((await fetch(`${host.url}/api/files`)).status).toBe(200);
  });
});

describe('closing', () => {
  it('answers what is under way, takes nothing new, and then lets go of the rest', async () => {
    const terminate = jest.fn(async () => {});
    const { host } = await startFixtures({ terminate });
    held.arm();
    const answer = fetch(`${host.url}/api/held`);
    await held.waiting;
    const closed = host.close();
    await expect(fetch(`${host.url}/api/files`)).rejects.toThrow();
    expect(terminate).not.toHaveBeenCalled();
    held.release();
    const released = performance.now();
    await closed;
    // Well before a connection that is kept alive runs out by itself.
    expect(performance.now() - released).toBeLessThan(2_000);
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(await (await answer).text()).toBe('done');
    expect(host.close()).toBe(host.close());
  });

  it('cuts off what does not end in time', async () => {
    const terminate = jest.fn(async () => {});
    const { host } = await startFixtures({ drainMs: 20, terminate });
    held.arm();
    const answer = fetch(`${host.url}/api/held`);
    answer.catch(() => undefined);
    await held.waiting;
    await host.close();
    await expect(answer).rejects.toThrow();
    expect(terminate).toHaveBeenCalledTimes(1);
    held.release();
  });

  it('leaves its port free, and refuses one that is taken', async () => {
    const { host } = await startFixtures();
    const port = Number(new URL(host.url).port);
    await expect(startFixtures({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    await host.close();
    const again = await startFixtures({ port });
    await again.host.close();
  });
});
