import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';
import { createTestClock } from '../support/clock';
import { createMem0Server, type Mem0Server, routes } from '../support/mem0-server';

const contract = path.resolve(__dirname, '../../../shared/contracts/mem0-platform.openapi.json');

interface Operation {
  responses: Record<string, { content?: { 'application/json'?: { schema?: AnySchema } } }>;
}
type Document = { paths: Record<string, Record<string, Operation>> };

const nobody = '11111111-1111-4111-8111-111111111111';
const filters = { user_id: 'ana' };
const messages = [{ role: 'user', content: 'I live in Cusco.' }];

/** The loopback Mem0 is worth only as much as it is like the real one. */
(existsSync(contract) ? describe : describe.skip)('the loopback Mem0 keeps to the OpenAPI document', () => {
  const clock = createTestClock();
  let server: Mem0Server;
  let document: Document;
  const checked = new Set<string>();
  beforeAll(async () => {
    server = await createMem0Server({ now: clock.now });
    document = JSON.parse(readFileSync(contract, 'utf8'));
  });
  afterAll(() => server.close());

  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));

  /** The document's path for one of ours; a path without parameters before one with. */
  const toTemplate = (pathname: string) => {
    const fits = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
    const templates = Object.keys(document.paths).filter(fits);
    return templates.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? 'none';
  };

  const request = async (method: string, target: string, body?: unknown) => {
    const response = await fetch(`${server.url}${target}`, {
      method,
      headers: { authorization: `Token ${server.apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: ids are picked out of it.
    const reply: any = await response.json();
    const template = toTemplate(new URL(response.url).pathname);
    const operation = document.paths[template]?.[method.toLowerCase()];
    const described = operation?.responses[String(response.status)];
    expect({ method, template, status: response.status, isDescribed: described !== undefined }).toMatchObject({
      isDescribed: true,
    });
    const schema = described?.content?.['application/json']?.schema;
    if (schema)
      expect({ method, template, errors: ajv.validate(schema, reply) ? [] : ajv.errors }).toMatchObject({ errors: [] });
    checked.add(`${method} ${template}`);
    return { status: response.status, reply };
  };

  it('in every route it serves', async () => {
    await request('GET', '/v1/ping/');
    const extra = { metadata: { a: 1 }, run_id: 'run-1', timestamp: 1_769_932_800, expiration_date: '2027-01-01' };
    const added = await request('POST', '/v3/memories/add/', { messages, user_id: 'ana', infer: false, ...extra });
    const [{ id }] = added.reply.results;
    const pending = await request('POST', '/v3/memories/add/', { messages, user_id: 'ana' });
    expect(pending.reply).toEqual({ event_id: expect.any(String), status: 'PENDING' });
    await request('GET', `/v1/event/${pending.reply.event_id}/`);
    await request('GET', '/v1/events/');
    await request('GET', `/v1/memories/${id}/`);
    await request('PUT', `/v1/memories/${id}/`, { text: 'I live in Lima.', expiration_date: null });
    await request('POST', '/v3/memories/?page=1&page_size=1', { filters });
    await request('POST', '/v3/memories/?page=2&page_size=1', { filters, show_expired: true });
    await request('POST', '/v3/memories/search/', { query: 'Lima', filters });
    await request('GET', '/v1/entities/?page=1&page_size=50');
    await request('PUT', '/v1/batch/', { memories: [{ memory_id: id, text: 'I live in Quito.' }] });
    await request('DELETE', '/v1/batch/', { memories: [{ memory_id: id }] });
    await request('GET', `/v1/memories/${id}/history/`);
    const [left] = server.store.rows;
    await request('DELETE', `/v1/memories/${left?.id}/`);
    await request('DELETE', '/v2/entities/user/ana/');
    const served = server.requests.map(({ method, path: pathname }) => `${method} ${toTemplate(pathname)}`);
    expect([...checked].sort()).toEqual([...new Set(served)].sort());
    expect(checked.size).toBe(routes.length);
  });

  it.each([
    ['GET', `/v1/memories/${nobody}/`, undefined, 404],
    ['PUT', `/v1/memories/${nobody}/`, { text: 'x' }, 404],
    ['DELETE', `/v1/memories/${nobody}/`, undefined, 404],
    ['GET', '/v1/memories/seven/', undefined, 400],
    ['GET', `/v1/event/${nobody}/`, undefined, 404],
    ['POST', '/v3/memories/add/', { user_id: 'ana' }, 400],
    ['POST', '/v3/memories/add/', { messages }, 400],
    ['POST', '/v3/memories/', { filters: {} }, 400],
    ['POST', '/v3/memories/', { filters, user_id: 'ana' }, 400],
    ['POST', '/v3/memories/', { filters: { AND: [{ user_id: '*' }] } }, 400],
    ['POST', '/v3/memories/', { filters: { AND: [filters, { metadata: { a: { in: [1] } } }] } }, 400],
    ['POST', '/v3/memories/', { filters: { user_id: { eq: 'ana' } } }, 400],
    ['POST', '/v3/memories/', { filters: { ...filters, place: 'Cusco' } }, 400],
    ['POST', '/v3/memories/search/', { query: '', filters }, 400],
    ['POST', '/v3/memories/search/', { query: 'x', filters: {} }, 400],
    ['PUT', '/v1/batch/', { memories: Array(1001).fill({ memory_id: nobody }) }, 400],
  ])('in refusing %s %s (%#)', async (method, target, body, status) => {
    expect((await request(method, target, body)).status).toBe(status);
  });

  it('in whom it serves', async () => {
    const response = await fetch(`${server.url}/v1/ping/`, { headers: { authorization: 'Bearer wrong' } });
    expect(response.status).toBe(401);
  });
});
