import { createContainer } from '../../shared/container';
import type { NewMemory } from '../../shared/memory/provider';
import { createProviderCache } from '../../shared/memory/provider-cache';
import { createReader } from '../../shared/memory/reader';
import { createLogger } from '../../shared/telemetry/logger';
import { createTestClock } from '../support/clock';
import { createFaultyProvider } from '../support/faulty-provider';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aNewMemory } from '../support/memories';
import { aDeadline } from '../support/service';

const { signal } = new AbortController();
const page = { limit: 10, cursor: null };

describe('the cache of provider reads', () => {
  const clock = createTestClock();
  const provider = createFaultyProvider(clock.now);
  const counts: Record<string, number> = {};
  const statistics = {
    count: (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    },
  };
  const open = (remote = true) => {
    // What leaves the process has a circuit.
    const asked = remote ? { ...provider, circuit: () => 'closed' as const } : provider;
    const logger = createLogger('silent');
    const reader = createReader({ provider: asked, fallback: null, statistics, logger, now: clock.now });
    return createProviderCache({ reader, statistics, now: clock.now });
  };
  const store = (changes: Partial<NewMemory> & { text?: string }) => provider.add(aNewMemory(changes), signal);
  const asked = () => provider.calls.filter(({ method }) => method === 'list' || method === 'search').length;
  beforeEach(() => {
    provider.calls = [];
    provider.fault = () => null;
    for (const name of Object.keys(counts)) delete counts[name];
  });
  afterAll(() => provider.close());

  it('asks once for the same, and says since when it is known', async () => {
    await store({ userId: 'ana' });
    const cache = open();
    const asOf = clock.now();
    for (let i = 0; i < 3; i++) {
      expect(await cache.list('ana', page, signal)).toMatchObject({ value: { items: [{ userId: 'ana' }] }, asOf });
      expect(await cache.search('ana', 'locker', 5, signal)).toMatchObject({ value: [{ userId: 'ana' }], asOf });
      clock.turn(1_000);
    }
    expect(asked()).toBe(2);
    expect(counts).toEqual({ 'provider_cache.miss': 2, 'provider_cache.hit': 4, 'provider.success': 2 });
  });

  it('asks for everything else', async () => {
    const cache = open();
    await cache.list('ana', page, signal);
    await cache.list('ana', { ...page, limit: 11 }, signal);
    await cache.list('ana', { ...page, type: 'goal' }, signal);
    await cache.list('ben', page, signal);
    await cache.search('ana', 'locker', 5, signal);
    await cache.search('ana', 'locker', 6, signal);
    await cache.search('ana', 'tea', 5, signal);
    await cache.search('ben', 'locker', 5, signal);
    expect([asked(), counts['provider_cache.hit']]).toEqual([8, undefined]);
  });

  it('asks again after 300 s', async () => {
    const cache = open();
    await cache.list('ana', page, signal);
    clock.turn(299_999);
    await cache.list('ana', page, signal);
    expect(asked()).toBe(1);
    clock.turn(1);
    expect((await cache.list('ana', page, signal)).asOf).toEqual(clock.now());
    expect(asked()).toBe(2);
  });

  it('forgets a person, and nobody else, when something of theirs changed', async () => {
    const cache = open();
    for (const userId of ['cyd', 'dan']) await cache.list(userId, page, signal);
    await store({ userId: 'cyd' });
    cache.drop('cyd');
    expect((await cache.list('cyd', page, signal)).value.items).toHaveLength(1);
    await cache.list('dan', page, signal);
    expect(asked()).toBe(3);
  });

  it('keeps nothing that was being read while something changed', async () => {
    const cache = open();
    provider.fault = (method) => (method === 'list' ? 'hangs' : null);
    const reading = cache.list('eva', page, signal);
    cache.drop('eva');
    provider.release();
    await reading;
    provider.fault = () => null;
    await cache.list('eva', page, signal);
    expect(counts).toMatchObject({ 'provider_cache.miss': 2 });
    expect(asked()).toBe(2);
  });

  it('keeps no failure', async () => {
    const cache = open();
    provider.fault = () => 'unavailable';
    await expect(cache.search('ana', 'key', 5, signal)).rejects.toMatchObject({ code: 'unavailable' });
    provider.fault = () => null;
    expect((await cache.search('ana', 'key', 5, signal)).value).toEqual([]);
    expect(counts).toEqual({ 'provider_cache.miss': 2, 'provider.success': 1 });
  });

  it('answers what it knows while the provider is down', async () => {
    const cache = open();
    await cache.list('ana', page, signal);
    provider.fault = () => 'unavailable';
    expect((await cache.list('ana', page, signal)).value.items).toHaveLength(1);
  });

  it('holds no more than so many memories', async () => {
    const cache = open();
    const many = Array.from({ length: 150 }, (_, i) => ({
      role: 'user' as const,
      name: null,
      content: `${i}`,
      at: null,
    }));
    await store({ userId: 'ida', utterances: many });
    for (let limit = 1; limit <= 150; limit++) await cache.list('ida', { limit, cursor: null }, signal);
    for (let limit = 151; limit <= 250; limit++) await cache.list('ida', { limit, cursor: null }, signal);
    const before = asked();
    await cache.list('ida', { limit: 250, cursor: null }, signal);
    expect(asked()).toBe(before);
    await cache.list('ida', { limit: 1, cursor: null }, signal);
    expect(asked()).toBe(before + 1);
  });

  it('asks a provider in our own database each time', async () => {
    const cache = open(false);
    for (let i = 0; i < 2; i++) await cache.list('ana', page, signal);
    expect(asked()).toBe(2);
    expect(counts).toEqual({ 'provider.success': 2 });
  });
});

describe('lists of memories that are at Mem0', () => {
  const clock = createTestClock();
  let mem0: Mem0Server;
  let container: ReturnType<typeof createContainer>;
  beforeAll(async () => {
    mem0 = await createMem0Server({ now: clock.now });
    container = createContainer({
      env: {
        ...{ KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url },
      },
      now: clock.now,
    });
    await container.warmUp();
  }, 60_000);
  afterAll(async () => {
    await container.close();
    await mem0.close();
  });
  const listed = () => mem0.requests.filter(({ path }) => path === '/v3/memories/').length;
  const list = async (userId = 'ana') => {
    const { value, memory } = await container.memory().list(userId, page, aDeadline());
    return { texts: value?.items.map(({ text }) => text), memory };
  };
  const add = (text: string) => {
    const utterances = [{ role: 'user' as const, name: null, content: text, at: null }];
    return container.memory().add({ userId: 'ana', utterances, infer: false }, aDeadline());
  };

  it('are asked for once, and again after each write that arrived', async () => {
    const { memoryId } = await add('My locker is number 12.');
    const id = memoryId ?? '';
    for (let i = 0; i < 2; i++) expect((await list()).texts).toEqual(['My locker is number 12.']);
    expect(listed()).toBe(1);
    await container.memory().update(id, { text: 'My locker is number 13.' }, aDeadline());
    for (let i = 0; i < 2; i++) expect((await list()).texts).toEqual(['My locker is number 13.']);
    expect(listed()).toBe(2);
    await container.memory().delete(id, aDeadline());
    for (let i = 0; i < 2; i++) expect((await list()).texts).toEqual([]);
    expect(listed()).toBe(3);
  });

  it('are told with the time at which Mem0 said so, also while it is down', async () => {
    const before = await list();
    clock.turn(60_000);
    mem0.fault = () => ({ kind: 'status', status: 500 });
    expect(await list()).toEqual(before);
    expect(before.memory).toMatchObject({ source: 'provider', degraded: false });
    expect((await list('ben')).texts).toBeUndefined();
    mem0.fault = () => null;
  });

  it('show in the statistics how often they were at hand', async () => {
    const { lastHour } = await container.report(aDeadline());
    // Of nine lists, five.
    expect(lastHour?.providerCacheHitRate).toBe(0.556);
  });
});
