import type { NewMemory } from '../../shared/memory/provider';
import { createProviderCache } from '../../shared/memory/provider-cache';
import { createTestClock } from '../support/clock';
import { createFaultyProvider } from '../support/faulty-provider';
import { aNewMemory } from '../support/memories';

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
    return createProviderCache({ provider: asked, statistics, now: clock.now });
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
