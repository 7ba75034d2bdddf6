import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type AnySchema } from 'ajv';
import { createQdrantIndex } from '../../shared/search/qdrant';
import { collectionSchema } from '../../shared/search/qdrant-schema';
import { createLogger } from '../../shared/telemetry/logger';
import { aMemory, embedder, person, search, signal, store } from '../support/points';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';
import { toHalf } from '../support/qdrant-server-scoring';

const contract = path.resolve(__dirname, '../../../shared/contracts/qdrant.openapi.json');
const ids = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);

/** The loopback Qdrant is worth only as much as it is like the real one. */
describe('the loopback Qdrant', () => {
  let server: QdrantServer;
  beforeEach(async () => {
    server = await createQdrantServer();
  });
  afterEach(() => server.close());

  // biome-ignore lint/suspicious/noExplicitAny: replies are looked at field by field.
  const call = async (method: string, target: string, body?: object): Promise<any> => {
    const response = await fetch(`${server.url}/collections/small${target}`, { method, body: JSON.stringify(body) });
    return { ...((await response.json()) as object), code: response.status };
  };
  const create = (schema: object = {}) =>
    call('PUT', '', {
      vectors: {
        flat: { size: 2, distance: 'Cosine' },
        rows: { size: 2, distance: 'Dot', multivector_config: { comparator: 'max_sim' } },
      },
      sparse_vectors: { words: { modifier: 'idf' } },
      ...schema,
    });
  const upsert = (...given: object[]) => call('PUT', '/points?wait=true', { points: given });
  const scoresOf = async (query: object) => {
    const { result } = await call('POST', '/points/query', query);
    return result.points.map(({ id, score }: { id: string; score: number }) => [ids.indexOf(id) + 1, score]);
  };

  it('scores by cosine, by the best of several rows, and by terms times idf', async () => {
    await create();
    await upsert(
      {
        id: ids[0],
        vector: {
          flat: [3, 4],
          rows: [
            [1, 0],
            [0, 2],
          ],
          words: { indices: [7, 9], values: [1, 0.5] },
        },
      },
      { id: ids[1], vector: { flat: [0, 1], rows: [[2, 1]], words: { indices: [9], values: [1] } } },
      { id: ids[2], vector: { flat: [-1, 0] } },
    );
    const close = expect.closeTo;
    expect(await scoresOf({ query: [0, 5], using: 'flat' })).toEqual([
      [2, 1],
      [1, close(0.8)],
      [3, 0],
    ]);
    expect(
      await scoresOf({
        query: [
          [1, 0],
          [0, 1],
        ],
        using: 'rows',
      }),
    ).toEqual([
      [1, 3],
      [2, 3],
    ]);
    // ln(1 + (3 − 1 + ½) / (1 + ½)) for the term of one point, ln(1 + (3 − 2 + ½) / (2 + ½)) for that of two.
    const [rare, common] = [Math.log(1 + 2.5 / 1.5), Math.log(1 + 1.5 / 2.5)];
    const words = { query: { indices: [7, 9], values: [2, 1] }, using: 'words' };
    expect(await scoresOf(words)).toEqual([
      [1, close(2 * rare + 0.5 * common)],
      [2, close(common)],
    ]);
    const prefetch = [
      { query: [0, 1], using: 'flat', limit: 1 },
      { query: [-1, 0], using: 'flat', limit: 1 },
    ];
    expect(await scoresOf({ prefetch, query: [1, 0], using: 'flat' })).toEqual([
      [2, 0],
      [3, -1],
    ]);
  });

  it('rounds to the 11 bits of a 16-bit float', () => {
    expect([1, -127, 0.1, 4099, 0].map(toHalf)).toEqual([1, -127, 0.0999755859375, 4100, 0]);
  });

  it('refuses what Qdrant refuses', async () => {
    expect(await call('GET', '')).toMatchObject({ code: 404 });
    await create({ strict_mode_config: { enabled: true } });
    expect(await create()).toMatchObject({ code: 409 });
    const sound = { id: ids[0], vector: { flat: [1, 0] } };
    expect(await upsert({ ...sound, id: 'locker-12' })).toMatchObject({ code: 400 });
    expect(await upsert({ ...sound, vector: { flat: [1, 0, 0] } })).toMatchObject({ code: 400 });
    expect(await upsert({ ...sound, vector: { rows: [] } })).toMatchObject({ code: 400 });
    expect(await upsert({ ...sound, vector: { other: [1, 0] } })).toMatchObject({ code: 400 });
    const twice = { indices: [1, 1], values: [1, 1] };
    expect(await upsert({ ...sound, vector: { words: twice } })).toMatchObject({ code: 400 });
    const filter = { must: [{ key: 'colour', match: { value: 'red' } }] };
    const query = { query: [1, 0], using: 'flat', filter };
    expect(await call('POST', '/points/query', query)).toMatchObject({ code: 400 });
    await call('PUT', '/index?wait=true', { field_name: 'colour', field_schema: { type: 'keyword' } });
    expect(await call('POST', '/points/query', query)).toMatchObject({ code: 200 });
    expect(await call('POST', '/facet', { key: 'taste' })).toMatchObject({ code: 400 });
  });

  it('shows a write that was not waited for only after the next one', async () => {
    await create();
    const points = [{ id: ids[0], vector: { flat: [1, 0] } }];
    expect(await call('PUT', '/points', { points })).toMatchObject({ result: { status: 'acknowledged' } });
    expect(await scoresOf({ query: [1, 0], using: 'flat' })).toEqual([]);
    await upsert({ id: ids[1], vector: { flat: [1, 0] } });
    expect(await scoresOf({ query: [1, 0], using: 'flat' })).toHaveLength(2);
  });

  (existsSync(contract) ? it : it.skip)('keeps to the OpenAPI document, and so does what we send', async () => {
    const document = JSON.parse(readFileSync(contract, 'utf8'), onlyNull);
    const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(document, 'qdrant');
    const check = (schema: AnySchema | undefined, value: unknown) =>
      ajv.validate(pointed(schema), value) ? [] : ajv.errors;

    const index = createQdrantIndex({ url: server.url, collection: 'memories', logger: createLogger('silent') });
    const ana = person();
    const memory = aMemory(ana, 'My locker is number 12.', {
      ...{ topic: 'fitness', tags: ['gym'], metadata: { a: 1 }, sessionId: 's1', speaker: 'Ana' },
      ...{ expiresAt: new Date('2027-01-01T00:00:00Z'), supersededBy: ids[0] ?? null },
    });
    await store(index, memory, aMemory(ana, '👍'));
    const bounds = { since: new Date(0), until: new Date() };
    const filter = {
      types: ['fact'],
      topics: ['fitness'],
      tags: ['gym'],
      metadata: { a: 1 },
      sessionId: 's1',
      ...bounds,
    };
    expect(await search(index, ana, 'which locker?', { filter: { ...filter, speaker: 'Ana' } })).toHaveLength(1);
    await search(index, ana, '👍', { filter: { speaker: null } });
    await index.nearest(ana, await embedder.embed('locker'), {}, signal);
    await index.find(memory.id, signal);
    await index.countByType(signal);
    await index.remove(ana, [memory.id], signal);
    await fetch(`${server.url}/collections/memories/exists`);
    await fetch(`${server.url}/collections/memories`, { method: 'PUT', body: JSON.stringify(collectionSchema) });
    await fetch(`${server.url}/collections/memories/points/scroll`, { method: 'POST', body: '{"limit": 1}' });

    for (const { method, path: template, body, reply } of server.exchanges) {
      const operation = document.paths[template]?.[method.toLowerCase()];
      const answer = operation?.responses[reply.status] ?? operation?.responses['4XX'];
      const request = operation?.requestBody?.content['application/json'].schema;
      expect({ method, template, body: request && check(request, body) }).toEqual({
        method,
        template,
        body: request && [],
      });
      expect({ method, template, reply: check(answer?.content['application/json'].schema, reply.body) }).toEqual({
        ...{ method, template, reply: [] },
      });
    }
    expect(new Set(server.exchanges.map(({ method, path: template }) => `${method} ${template}`)).size).toBe(11);
  });
});

/** The document writes "or null" as a schema of its own, `{ nullable: true }`, which taken at its word lets everything pass. */
const onlyNull = (_: string, value: unknown) =>
  JSON.stringify(value) === '{"nullable":true}' ? { type: 'null' } : value;

/** A schema of the document, with its references to the document. */
const pointed = (schema: AnySchema | undefined): AnySchema =>
  schema === undefined ? false : JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"qdrant#/'));
