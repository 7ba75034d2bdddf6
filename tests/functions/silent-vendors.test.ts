import { createChatHandler } from '../../functions/chat';
import { createHealthHandler } from '../../functions/health';
import { createSearchHandler } from '../../functions/search';
import { createStatisticsHandler } from '../../functions/statistics';
import { createUserMemoriesHandler } from '../../functions/user-memories';
import { createContainer } from '../../shared/container';
import { loadMem0Client } from '../../shared/memory/mem0-client';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';

/**
 * How long a reply may take while both vendors accept every call and answer none: at first no vendor is waited for to the end, and once their
 * circuits are open not even a recall's 800 ms. `npm run bench -- silent` has the figures.
 */
const firstMs = 3_000;
const laterMs = 700;

const json = { 'content-type': 'application/json' };
const key = { 'x-functions-key': 'the-key' };

describe('where Mem0 and Qdrant accept every call and never answer', () => {
  let vendors: [Mem0Server, QdrantServer];
  let services: ReturnType<typeof createContainer>;
  const lines: { event: string; circuit?: string; vendor?: string; level: string }[] = [];
  beforeAll(async () => {
    vendors = [await createMem0Server(), await createQdrantServer()];
    const [mem0, qdrant] = vendors;
    for (const vendor of vendors) vendor.fault = () => ({ kind: 'silent' });
    services = createContainer({
      env: {
        ...{ KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'warn', LOCAL_FUNCTION_KEY: 'the-key' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, QDRANT_URL: qdrant.url },
      },
      writeLog: (line) => lines.push(JSON.parse(line)),
    });
    await services.warmUp();
    // Jest reads a package many times slower than Node: no part of a reply.
    await loadMem0Client({ settings: { MEM0_API_KEY: 'none' } }, mem0.url);
  }, 60_000);
  afterAll(async () => {
    for (const vendor of vendors) await vendor.close();
    await services.close();
  });

  const post = async (create: typeof createChatHandler, body: object) => {
    const started = performance.now();
    const answer = await call(create(services), {
      method: 'POST',
      headers: json,
      body: { string: JSON.stringify(body) },
    });
    return { ...answer, tookMs: performance.now() - started, body: answer.body as Record<string, unknown> };
  };
  const chat = (user_id: string, message: string) => post(createChatHandler, { user_id, message });
  const search = (user_id: string) => post(createSearchHandler, { user_id, query: 'locker', limit: 100 });
  const health = async () => {
    const { body } = await call(createHealthHandler(services), { method: 'GET', headers: key });
    return body as { provider: { circuit: string }; index: { circuit: string }; issues: string[]; status: string };
  };

  it('every chat is answered in two seconds from the first on, the messages are kept, and the circuits open', async () => {
    const times: number[] = [];
    const opened = () => lines.filter(({ circuit }) => circuit === 'open').length;
    while (opened() < 2) {
      const { status, body, tookMs } = await chat('ana', `My locker is number ${times.length}, and I like it.`);
      expect([status, body.reply]).toEqual([200, expect.any(String)]);
      expect(body.memory).toMatchObject({ degraded: true, reason: expect.stringMatching(/^provider_/) });
      times.push(tookMs);
      expect(times.length).toBeLessThan(12);
    }
    expect(Math.max(...times)).toBeLessThan(firstMs);
    // On a slow machine the first probe may be under way by now.
    expect((await health()).issues).toEqual([
      expect.stringMatching(/^The memory provider \(mem0\) is not called for now: its circuit is (half-)?open; /),
      expect.stringMatching(/^The search index \(qdrant\) is not called for now: its circuit is (half-)?open; /),
    ]);
  });

  it('then without waiting, from what waits in the outbox', async () => {
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
      const { status, body, tookMs } = await chat('ana', 'What is the number of my locker?');
      expect([status, body.memory]).toEqual([200, expect.objectContaining({ source: 'outbox', degraded: true })]);
      times.push(tookMs);
    }
    for (const user of ['ben', 'cyd', 'dan']) {
      const { status, body, tookMs } = await chat(user, 'What do you know about me?');
      expect([status, body.memories_used]).toEqual([200, null]);
      times.push(tookMs);
    }
    // `npm run bench -- silent` holds all of them to it, on a machine that has nothing else to do.
    expect(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(laterMs);
    expect(Math.max(...times)).toBeLessThan(firstMs);
  });

  it('a search says null and why, which is not []; and what was said is found', async () => {
    const { status, body, tookMs } = await search('nobody');
    expect([status, body.results, body.count]).toEqual([200, null, 0]);
    expect(body.memory).toMatchObject({ source: 'none', degraded: true, reason: 'provider_unavailable' });
    expect(tookMs).toBeLessThan(firstMs);
    const own = await search('ana');
    expect(own.body.memory).toMatchObject({ source: 'outbox', degraded: true });
    expect(JSON.stringify(own.body.results)).toContain('My locker is number 0');
  });

  it('nobody waits for a vendor whose circuit is open: not health, not statistics, not a list', async () => {
    const started = performance.now();
    expect(await health()).toMatchObject({
      ...{ status: 'degraded', outbox: { waiting: expect.any(Number) } },
      provider: { reachable: false, circuit: expect.stringContaining('open') },
      index: { reachable: false, circuit: expect.stringContaining('open') },
    });
    const statistics = await call(createStatisticsHandler(services), { method: 'GET' });
    expect(statistics).toMatchObject({
      status: 200,
      body: { total_memories: null, last_hour: { fallback_usage: { provider: 0 } } },
    });
    const list = await call(createUserMemoriesHandler(services), { method: 'GET', params: { user_id: 'ana' } });
    expect(list).toMatchObject({ status: 200, body: { memories: null } });
    expect(performance.now() - started).toBeLessThan(firstMs);
  });

  it('says once of each that it is not called, and not again with every call', () => {
    const opened = lines.findIndex(({ vendor, circuit }) => vendor === 'mem0' && circuit === 'open');
    const other = lines.findIndex(({ event, circuit }) => event === 'qdrant circuit' && circuit === 'open');
    const later = lines.slice(Math.max(opened, other) + 1).filter(({ circuit }) => circuit === undefined);
    expect([opened >= 0, other >= 0]).toEqual([true, true]);
    expect(later).toEqual([]);
  });
});

describe('a search while both are silent and their circuits are still closed', () => {
  it('is null with a reason, too', async () => {
    const [mem0, qdrant] = [await createMem0Server(), await createQdrantServer()];
    for (const vendor of [mem0, qdrant]) vendor.fault = () => ({ kind: 'silent' });
    const services = createContainer({
      env: {
        ...{ KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, QDRANT_URL: qdrant.url },
      },
    });
    const { status, body } = await call(createSearchHandler(services), {
      ...{ method: 'POST', headers: json, body: { string: JSON.stringify({ user_id: 'ana', query: 'locker' }) } },
    });
    expect([status, body]).toEqual([
      200,
      {
        ...{ results: null, count: 0, query: 'locker' },
        memory: {
          source: 'none',
          degraded: true,
          reason: 'provider_timeout',
          as_of: expect.any(String),
          sync_lag_seconds: null,
        },
      },
    ]);
    for (const vendor of [mem0, qdrant]) await vendor.close();
    await services.close();
  });
});
