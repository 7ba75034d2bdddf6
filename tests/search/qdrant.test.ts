import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createDeadline } from '../../shared/resilience/deadline';
import type { PolicyOptions } from '../../shared/resilience/policy';
import type { IndexPoint, SearchFilter } from '../../shared/search/index';
import { createQdrantIndex, type QdrantIndex } from '../../shared/search/qdrant';
import { portOf } from '../../shared/search/qdrant-client';
import { collectionSchema, payloadIndexes } from '../../shared/search/qdrant-schema';
import { createLogger } from '../../shared/telemetry/logger';
import type { Fault } from '../support/faults';
import { aMemory, embedder, now, points, search, signal, store, textsIn } from '../support/points';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';

const text = 'My locker is number 12.';
const key = 'key-4711';

async function listen(other: Server): Promise<string> {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

const own = { key: 'user_id', match: { value: 'ana' } };

describe('the Qdrant index', () => {
  let server: QdrantServer;
  let lines: string[];
  beforeEach(async () => {
    server = await createQdrantServer({ apiKey: key });
    lines = [];
  });
  afterEach(() => server.close());

  const open = (policy: Partial<PolicyOptions> = {}, url = server.url, apiKey = key): QdrantIndex => {
    const logger = createLogger('debug', (line) => lines.push(line));
    const settings = { QDRANT_API_KEY: apiKey };
    return createQdrantIndex({ url, settings, collection: 'memories', logger, policy: { firstPauseMs: 1, ...policy } });
  };
  const sent = () =>
    server.requests.map(({ method, path }) => `${method} ${path.replace('/collections/memories', '')}`);

  describe('the collection', () => {
    it('is made at first use, with every index before the first point', async () => {
      const index = open();
      expect(server.requests).toEqual([]);
      await store(index, aMemory('ana', text));
      const indexed = Object.keys(payloadIndexes).map(() => 'PUT /index');
      expect(sent()).toEqual(['GET ', 'PUT ', 'GET ', ...indexed, 'PUT /points']);
      expect(server.requests[1]?.body).toEqual(collectionSchema);
      await search(index, 'ana', 'locker');
      await search(open(), 'ana', 'locker');
      expect(sent().slice(-3)).toEqual(['POST /points/query/batch', 'GET ', 'POST /points/query/batch']);
    });

    it('is made once by two who come first at the same time', async () => {
      const made = [open(), open()].map((index) => store(index, aMemory('ana', text)));
      await Promise.all(made);
      expect(await textsIn(open(), 'ana', 'locker')).toEqual([text, text]);
    });

    it('gets the indexes it lacks', async () => {
      await open().countByType(signal);
      const collection = server.collections.get('memories');
      const { speaker, ...others } = collection?.describe().payload_schema ?? {};
      expect(speaker).toMatchObject({ data_type: 'keyword' });
      server.collections.get('memories')?.dropIndex('speaker');
      await open().countByType(signal);
      expect(collection?.describe().payload_schema).toEqual({ ...others, speaker });
    });

    it.each<[string, object, object]>([
      [
        'vectors.content.size',
        { vectors: { ...collectionSchema.vectors, content: { size: 3, distance: 'Cosine' } } },
        {},
      ],
      ['vectors.content.size', { vectors: { size: 384, distance: 'Cosine' } }, {}],
      [
        'vectors.tokens.multivector_config.comparator',
        { vectors: { ...collectionSchema.vectors, tokens: { size: 64, distance: 'Dot' } } },
        {},
      ],
      ['sparse_vectors.terms.modifier', { sparse_vectors: { terms: {} } }, {}],
      ['payload_schema.tags', {}, { tags: { type: 'integer' } }],
    ])('that does not fit is refused, and a log line names %s', async (part, schema, indexes) => {
      const headers = { 'api-key': key };
      const put = (target: string, body: object) =>
        fetch(`${server.url}/collections/memories${target}`, { method: 'PUT', headers, body: JSON.stringify(body) });
      await put('', { ...collectionSchema, ...schema });
      for (const [field_name, field_schema] of Object.entries(indexes))
        await put('/index?wait=true', { field_name, field_schema });
      await expect(open().countByType(signal)).rejects.toMatchObject({ name: 'IndexError', code: 'refused' });
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        { level: 'error', event: 'qdrant collection does not fit', part },
      ]);
    });

    it('is made again after somebody dropped it', async () => {
      const index = open();
      await store(index, aMemory('ana', text));
      server.collections.clear();
      expect(await textsIn(index, 'ana', 'locker')).toEqual([]);
      server.collections.clear();
      await store(index, aMemory('ana', text));
      expect(await textsIn(index, 'ana', 'locker')).toEqual([text]);
    });
  });

  describe('what is sent', () => {
    it('is one request a search, in which every sub-query names the person', async () => {
      const index = open();
      await store(index, aMemory('ana', text));
      server.requests.length = 0;
      await search(index, 'ana', 'which locker number do I have?');
      const [request, ...others] = server.requests;
      expect(others).toEqual([]);
      expect(request?.body.searches).toHaveLength(3);
      for (const one of request?.body.searches ?? []) expect(one).toMatchObject({ filter: { must: [own] } });
    });

    it('asks for no more sub-queries however long the query is, and finds as well', async () => {
      const index = open();
      await store(index, aMemory('ana', text), aMemory('ana', 'Rain again.'));
      const long = `${text} ${Array.from({ length: 60 }, (_, i) => `plan${i} river`).join(' ')}`;
      expect((await textsIn(index, 'ana', long))[0]).toBe(text);
      expect(server.requests.at(-1)?.body.searches).toHaveLength(13);
    });

    it('waits for every write, carries the key, and asks for no compression', async () => {
      const index = open();
      const memory = aMemory('ana', text);
      await store(index, memory);
      await index.remove('ana', [memory.id], signal);
      const writes = server.requests.filter(({ path }) => /points(\/delete)?$|index$/.test(path));
      expect(writes).toHaveLength(Object.keys(payloadIndexes).length + 2);
      for (const { query } of writes) expect(query.get('wait')).toBe('true');
      for (const { headers } of server.requests)
        expect(headers).toMatchObject({ 'accept-encoding': 'identity', 'api-key': key });
    });

    it('is nothing where there is nothing to do', async () => {
      const index = open();
      await index.upsert('ana', [], signal);
      await index.remove('ana', [], signal);
      expect(server.requests).toEqual([]);
    });

    it.each([
      ['http://qdrant', 6333],
      ['https://qdrant:443', 443],
      ['https://qdrant:443/behind/', 443],
      ['http://[::1]', 6333],
      ['http://[::1]:80', 80],
      ['https://qdrant/a:7', 6333],
    ])('goes to the port of %s: %s', (url, port) => {
      expect(portOf(url)).toBe(port);
    });

    it('goes to the path of the address', async () => {
      const behind = open({}, `${server.url}/qdrant/`);
      await expect(behind.countByType(signal)).rejects.toMatchObject({ code: 'unavailable' });
      expect(server.requests[0]?.path).toBe('/qdrant/collections/memories');
    });
  });

  it('keeps ids that are no UUIDs, and those in capitals', async () => {
    const index = open();
    const ids = ['mem-1', 'A3BB189E-8BF9-3888-9912-ACE4E6543002', 'a3bb189e-8bf9-3888-9912-ace4e6543002'];
    await store(index, ...ids.map((id) => aMemory('ana', `tea ${id}`, { id })));
    const found = await search(index, 'ana', 'tea');
    expect(found.map(({ memory }) => memory.id).sort()).toEqual([...ids].sort());
    for (const id of ids) expect((await index.find(id, signal))?.id).toBe(id);
    await index.remove('ana', ids.slice(0, 2), signal);
    expect((await search(index, 'ana', 'tea')).map(({ memory }) => memory.id)).toEqual(ids.slice(2));
  });

  it('gives metadata back as it was, and finds by what is too long for an index', async () => {
    const index = open();
    const metadata = { z: 1, a: { y: [1.5, -0.25, 9_007_199_254_740_991], b: null }, long: 'tea '.repeat(1000) };
    await store(index, aMemory('ana', 'tea', { metadata }));
    const found = async (filter: SearchFilter) => search(index, 'ana', 'tea', { filter });
    const [result] = await found({ metadata: { long: metadata.long } });
    expect(JSON.stringify(result?.memory.metadata)).toBe(JSON.stringify(metadata));
    expect(await found({ metadata: { long: `${metadata.long}.` } })).toEqual([]);
  });

  it('finds by its words what is far down by sentence vector, where a person has more than is searched in full', async () => {
    const index = open();
    const tea = await points.toPoint(aMemory('ana', 'I drink tea.'), false);
    const query = await points.toQuery({ userId: 'ana', text: 'zeppelin', filter: {}, limit: 5, now });
    const far = {
      sentence: query.embedding.sentence.map((value) => -value),
      tokens: { stems: [], values: new Int8Array() },
    };
    const odd = { ...tea, memory: aMemory('ana', 'Zeppelin.'), embedding: far, terms: query.terms };
    const many = Array.from({ length: 1100 }, () => ({ ...tea, memory: aMemory('ana', 'I drink tea.') }));
    await index.upsert('ana', [...many, odd], signal);
    server.requests.length = 0;
    for (let i = 0; i < 2; i++) {
      const results = await index.search({ ...query, limit: 2000 }, signal);
      expect(results).toHaveLength(1001);
      expect(results.find(({ memory }) => memory.id === odd.memory.id)?.breakdown.lexical).toBeGreaterThan(0);
    }
    // Once for everything, which was not everything, and from then on by candidates.
    const asked = server.requests.map(({ body }) => body.searches.flatMap(({ prefetch = [] }) => prefetch));
    expect(asked.map((leaves) => leaves.length)).toEqual([0, 4, 4]);
    for (const leaf of asked.flat()) expect(leaf).toMatchObject({ filter: { must: [own] } });
  });

  describe('when Qdrant fails', () => {
    let point: IndexPoint;
    beforeAll(async () => {
      point = await points.toPoint(aMemory('ana', text), false);
    });

    const calls: [string, (index: QdrantIndex, signal: AbortSignal) => Promise<unknown>][] = [
      ['upsert', (index, within) => index.upsert('ana', [point], within)],
      ['remove', (index, within) => index.remove('ana', [point.memory.id], within)],
      [
        'search',
        async (index, within) =>
          index.search(await points.toQuery({ userId: 'ana', text, filter: {}, limit: 5, now }), within),
      ],
      ['find', (index, within) => index.find(point.memory.id, within)],
      ['nearest', (index, within) => index.nearest('ana', point.embedding, {}, within)],
      ['countByType', (index, within) => index.countByType(within)],
    ];
    const faults: [Fault, 'refused' | 'unavailable', attempts: number][] = [
      [{ kind: 'status', status: 400 }, 'refused', 1],
      [{ kind: 'status', status: 401 }, 'refused', 1],
      [{ kind: 'status', status: 403 }, 'refused', 1],
      [{ kind: 'status', status: 404 }, 'unavailable', 3],
      [{ kind: 'status', status: 429 }, 'unavailable', 3],
      [{ kind: 'status', status: 429, retryAfterSeconds: 30 }, 'unavailable', 1],
      [{ kind: 'status', status: 500 }, 'unavailable', 3],
      [{ kind: 'status', status: 503 }, 'unavailable', 3],
      [{ kind: 'nonsense' }, 'unavailable', 3],
      [{ kind: 'reset' }, 'unavailable', 3],
    ];
    const isPoints = (path: string) => /points|facet/.test(path);

    it.each(
      calls.flatMap(([name, call]) => faults.map((fault) => [name, JSON.stringify(fault[0]), call, ...fault] as const)),
    )(
      '%s at %s rejects with an IndexError, after the attempts that make sense',
      async (_, __, call, fault, code, attempts) => {
        const index = open();
        await index.countByType(signal);
        server.requests.length = 0;
        server.fault = ({ path }) => (isPoints(path) ? fault : null);
        await expect(call(index, signal)).rejects.toMatchObject({
          name: 'IndexError',
          code,
          message: `qdrant: ${code}`,
        });
        expect(server.requests.filter(({ path }) => isPoints(path))).toHaveLength(attempts);
        expect(lines.join()).not.toMatch(/locker|ana|4711/);
      },
    );

    it.each(calls)(
      '%s gets through where the first attempt fails, and where making the collection does',
      async (_, call) => {
        let failures = 0;
        server.fault = () => (failures++ < 1 ? { kind: 'reset' } : null);
        const index = open();
        await call(index, signal);
        failures = 0;
        await call(index, signal);
        expect(failures).toBeGreaterThan(1);
      },
    );

    it.each(calls)('%s gives up on a silent server when its time ends', async (_, call) => {
      const index = open();
      server.fault = () => ({ kind: 'silent' });
      await expect(call(index, createDeadline(50).signal)).rejects.toMatchObject({ code: 'timeout' });
      server.fault = ({ path }) => (isPoints(path) ? { kind: 'silent' } : null);
      await expect(call(open(), createDeadline(200).signal)).rejects.toMatchObject({ code: 'timeout' });
    });

    it('closes the connection of a call that was given up', async () => {
      await open().countByType(signal);
      const description = JSON.stringify({ result: server.collections.get('memories')?.describe() });
      const held: Promise<unknown>[] = [];
      const silent = createServer((request, response) => {
        if (request.method === 'GET') response.setHeader('content-type', 'application/json').end(description);
        else held.push(once(request.socket, 'close'));
      });
      const index = open({}, await listen(silent));
      await expect(index.countByType(createDeadline(200).signal)).rejects.toMatchObject({ code: 'timeout' });
      expect(held).toHaveLength(1);
      await Promise.all(held);
      silent.close();
    });

    it("says so of a reply that is no Qdrant's", async () => {
      const other = createServer((_, response) => response.end('<html>Welcome</html>'));
      const index = open({}, await listen(other));
      for (const [, call] of calls) await expect(call(index, signal)).rejects.toMatchObject({ code: 'unavailable' });
      other.close();
    });

    it('says so where nobody listens, and spares everybody the wait after a while', async () => {
      await server.close();
      const index = open({ breakAfter: 6 });
      for (const [, call] of calls) await expect(call(index, signal)).rejects.toMatchObject({ code: 'unavailable' });
      expect(index.circuit()).toBe('open');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        { level: 'warn', event: 'qdrant circuit', circuit: 'open' },
      ]);
    });

    it('tries again once Qdrant is back', async () => {
      const index = open({ breakAfter: 3, openMs: 1 });
      server.fault = () => ({ kind: 'status', status: 500 });
      await expect(index.countByType(signal)).rejects.toMatchObject({ code: 'unavailable' });
      server.fault = () => null;
      while (index.circuit() !== 'closed') {
        await index.countByType(signal).catch(() => setImmediate());
      }
      expect(index.circuit()).toBe('closed');
      await store(index, aMemory('ana', text));
      expect((await index.nearest('ana', await embedder.embed(text), {}, signal))?.memory.text).toBe(text);
    });

    it('is not called at all by one whose time is over', async () => {
      for (const [, call] of calls)
        await expect(call(open(), AbortSignal.abort())).rejects.toMatchObject({ code: 'timeout' });
      expect(server.requests).toEqual([]);
    });
  });
});
