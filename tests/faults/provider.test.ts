import { ProblemError } from '../../shared/http/problem';
import type { MemoryService } from '../../shared/memory/memory-contract';
import type { NewMemory } from '../../shared/memory/provider';
import { type Fault, retryAfterMs } from '../support/faulty-provider';
import { aDeadline, createTestService, nowhere } from '../support/service';

type AddOptions = Partial<Parameters<MemoryService['add']>[0]>;

const queued = { status: 'queued', memoryId: null, memoryIds: [], storage: 'outbox' };

describe('over a provider that fails', () => {
  const service = createTestService();
  // Loading the model is no part of how long a provider takes.
  beforeAll(() => service.container.warmUp(), 60_000);
  const { provider } = service;
  const noSignal = new AbortController().signal;
  let ana: string;
  let people = 0;
  beforeEach(() => {
    people++;
    ana = `ana-${people}`;
    provider.calls = [];
    provider.done = [];
  });
  afterEach(async () => {
    provider.release();
    recover();
    await drain();
  });
  afterAll(() => service.close());

  const add = (text: string, { userId = ana, ...options }: AddOptions = {}) => {
    const utterances = [{ role: 'user' as const, name: null, content: text, at: null }];
    return service.container.memory().add({ userId, utterances, infer: false, ...options }, aDeadline());
  };
  const failAdds = (fault: Fault | null, userId = ana) => {
    provider.fault = (method, [memory]) => (method === 'add' && (memory as NewMemory).userId === userId ? fault : null);
  };
  const recover = () => {
    provider.fault = () => null;
  };
  const countCalls = (method: string) => provider.calls.filter((call) => call.method === method).length;
  /** What the provider holds of a person. */
  const stored = async (userId = ana) => {
    const { items } = await provider.list(userId, { limit: 100, cursor: null }, noSignal);
    return items.map(({ text }) => text).sort();
  };
  /** The writes that took effect at the provider, in the order in which they did, each as often as it did. */
  const arrived = (userId = ana) => {
    const adds = provider.done.filter(({ method }) => method === 'add').map(({ args }) => args[0] as NewMemory);
    return adds.filter((memory) => memory.userId === userId).map(({ utterances }) => utterances[0]?.content);
  };
  const search = async (query: string) => {
    const { value, memory } = await service.container.memory().recall({ userId: ana, query, limit: 10 }, aDeadline());
    return { texts: value?.map((result) => result.memory.text).sort(), source: memory.source };
  };
  /** Turns the clock from one attempt to the next until nothing waits. */
  const drain = async () => {
    for (let ticks = 0; ticks < 20; ticks++) {
      service.clock.turn(600_000);
      if ((await service.tick()).people === 0) return;
    }
    throw new Error('The outbox did not empty.');
  };

  it.each<[Fault, string]>([
    ['unavailable', 'provider_unavailable'],
    ['dies before', 'provider_unavailable'],
    ['dies after', 'provider_unavailable'],
    ['rate limited', 'provider_rate_limited'],
    ['bug', 'provider_failed'],
  ])(
    '(%s) a write is queued, found by the next search, and delivered once when its time has come',
    async (fault, reason) => {
      failAdds(fault);
      expect(await add('My locker is number 12.')).toEqual({ ...queued, reason });
      expect(await search('locker number')).toMatchObject({ texts: ['My locker is number 12.'], source: 'index' });

      recover();
      await service.tick();
      const calls = service.writes().length;
      service.clock.turn(999);
      await service.tick();
      expect(service.writes()).toHaveLength(calls);

      service.clock.turn(retryAfterMs);
      expect(await service.tick()).toEqual({ people: 1, failed: 0 });
      expect(arrived()).toEqual(['My locker is number 12.']);
      expect(await stored()).toEqual(['My locker is number 12.']);
      expect((await search('locker number')).texts).toEqual(['My locker is number 12.']);
      expect(await service.tick()).toEqual({ people: 0, failed: 0 });
    },
  );

  it('sends a write again only after it asked what became of the first attempt', async () => {
    failAdds('dies after');
    await add('My locker is number 12.');
    recover();
    await drain();
    expect([countCalls('add'), countCalls('find')]).toEqual([1, 1]);

    failAdds('dies before');
    await add('My bicycle is red.');
    recover();
    await drain();
    expect([countCalls('add'), countCalls('find')]).toEqual([3, 2]);
    expect(arrived()).toEqual(['My locker is number 12.', 'My bicycle is red.']);
  });

  it('waits twice as long after each failure', async () => {
    failAdds('unavailable');
    await add('My locker is number 12.');
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      const before = countCalls('add');
      service.clock.turn(waitMs - 1);
      await service.tick();
      expect(countCalls('add')).toBe(before);
      service.clock.turn(1);
      await service.tick();
      expect(countCalls('add')).toBe(before + 1);
    }
  });

  it('waits as long as the provider asks for', async () => {
    failAdds('rate limited');
    await add('My locker is number 12.');
    recover();
    service.clock.turn(retryAfterMs - 1);
    await service.tick();
    expect(await stored()).toEqual([]);
    service.clock.turn(1);
    await service.tick();
    expect(arrived()).toEqual(['My locker is number 12.']);
    expect(await stored()).toEqual(['My locker is number 12.']);
  });

  it('answers when the provider hangs, and stores once what it takes late', async () => {
    failAdds('hangs');
    expect(await add('My locker is number 12.')).toEqual({ ...queued, reason: 'provider_slow' });
    expect((await search('locker number')).texts).toEqual(['My locker is number 12.']);
    recover();
    provider.release();
    await drain();
    expect(arrived()).toEqual(['My locker is number 12.']);
    expect(await stored()).toEqual(['My locker is number 12.']);
    expect((await search('locker number')).texts).toEqual(['My locker is number 12.']);
    expect(countCalls('add')).toBe(1);
  });

  it('keeps the order of one person, and holds up nobody else', async () => {
    failAdds('unavailable');
    expect(await add('Ana said this first.')).toMatchObject({ status: 'queued' });
    recover();
    service.clock.turn(10);
    expect(await add('Ana said this second.')).toEqual({ ...queued, reason: 'behind_earlier_writes' });
    expect(await add('Ben said this.', { userId: 'ben' })).toMatchObject({ status: 'stored' });
    expect(await stored('ben')).toEqual(['Ben said this.']);
    expect(await stored()).toEqual([]);
    expect((await search('what was said')).texts).toEqual(['Ana said this first.', 'Ana said this second.']);
    service.clock.turn(1_000);
    await service.tick();
    const adds = provider.calls
      .filter(({ method }) => method === 'add')
      .map(({ args }) => (args[0] as { utterances: { content: string }[] }).utterances[0]?.content);
    expect(adds).toEqual(['Ana said this first.', 'Ben said this.', 'Ana said this first.', 'Ana said this second.']);
    expect(arrived()).toEqual(['Ana said this first.', 'Ana said this second.']);
  });

  it('gives a message that comes twice the first answer, and stores it once', async () => {
    failAdds('unavailable');
    const first = await add('My locker is number 12.', { messageId: 'm-1' });
    expect(await add('My locker is number 12.', { messageId: 'm-1' })).toEqual(first);
    recover();
    await drain();
    expect(await add('My locker is number 12.', { messageId: 'm-1' })).toEqual(first);
    expect(arrived()).toEqual(['My locker is number 12.']);
    expect(await stored()).toEqual(['My locker is number 12.']);
  });

  it('puts aside what the provider refuses for good, and goes on with what follows', async () => {
    failAdds('refused');
    expect(await add('Nobody takes this.')).toMatchObject({ status: 'skipped', reason: 'refused' });
    recover();
    expect(await add('My bicycle is red.')).toMatchObject({ status: 'stored' });
    await drain();
    expect(await stored()).toEqual(['My bicycle is red.']);
    expect((await service.container.health()).outbox).toMatchObject({ waiting: 0, dead: 1 });
  });

  it('shows a change at once and carries it out later, once', async () => {
    const { memoryId } = await add('My locker is number 12.');
    const id = memoryId ?? '';
    provider.fault = (method) => (method === 'update' || method === 'delete' ? 'dies after' : null);
    const changed = await service.container.memory().update(id, { text: 'My locker is number 13.' }, aDeadline());
    expect(changed).toMatchObject({ status: 'queued', memory: { id, text: 'My locker is number 13.' } });
    expect((await search('locker number')).texts).toEqual(['My locker is number 13.']);
    expect(await service.container.memory().delete(id, aDeadline())).toEqual({ status: 'queued', memory: null });
    expect((await search('locker number')).texts).toEqual([]);
    recover();
    await drain();
    expect(await stored()).toEqual([]);
    expect((await search('locker number')).texts).toEqual([]);
    const history = await provider.history(id, noSignal);
    expect(history.map(({ event }) => event).filter((event) => event === 'delete')).toHaveLength(1);
  });

  it('still searches and says so, where only the provider is down; lists say null, not nothing', async () => {
    await add('My locker is number 12.');
    provider.fault = () => 'unavailable';
    expect(await search('locker number')).toMatchObject({ texts: ['My locker is number 12.'], source: 'index' });
    const list = await service.container.memory().list(ana, { limit: 10, cursor: null }, aDeadline());
    expect(list).toMatchObject({
      value: null,
      memory: { source: 'none', degraded: true, reason: 'provider_unavailable' },
    });
    const health = await service.container.health();
    expect(health).toMatchObject({ status: 'degraded', provider: { reachable: false }, database: { reachable: true } });
  });

  it('delivers each of many writes once and in order, whatever happens on the way', async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const faults: (Fault | null)[] = ['unavailable', 'dies before', 'dies after', 'bug', null, null];
    const isSyncs = (method: string) => method === 'changedPeople' || method === 'list';
    provider.fault = (method) => (isSyncs(method) ? null : (faults[random(faults.length)] ?? null));
    const people = [ana, `${ana}-friend`, `${ana}-neighbour`];
    const said = new Map<string, string[]>(people.map((userId) => [userId, []]));
    for (let i = 0; i < 45; i++) {
      const userId = people[i % 3] ?? '';
      const text = `Remark number ${i} of ${userId}.`;
      const { status } = await add(text, { userId });
      expect(['stored', 'queued']).toContain(status);
      said.get(userId)?.push(text);
      service.clock.turn(700);
      if (i % 4 === 0) await service.tick();
    }
    recover();
    await drain();
    for (const [userId, texts] of said) {
      expect(arrived(userId)).toEqual(texts);
      expect(await stored(userId)).toEqual([...texts].sort());
    }
    expect((await service.container.health()).outbox).toMatchObject({ waiting: 0 });
  });
});

describe('without a database', () => {
  const service = createTestService({ env: { DATABASE_URL: nowhere } });
  const { provider, container } = service;
  const noSignal = new AbortController().signal;
  afterEach(() => {
    provider.fault = () => null;
  });
  afterAll(() => service.close());
  const add = (userId: string) => {
    const utterances = [{ role: 'user' as const, name: null, content: 'My locker is number 12.', at: null }];
    return container.memory().add({ userId, utterances }, aDeadline());
  };

  it('a write is stored where the provider takes it at once', async () => {
    const { memoryId } = await add('ana');
    expect(await provider.get(memoryId ?? '', noSignal)).toMatchObject({ text: 'My locker is number 12.' });
  });

  it.each<Fault>(['unavailable', 'dies before', 'refused', 'bug'])(
    'a write that the provider does not take either (%s) is a 503, and nothing was stored',
    async (fault) => {
      provider.fault = (method) => (method === 'add' ? fault : null);
      const failure = await add('ben').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ProblemError);
      expect(failure).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
      expect((await provider.list('ben', { limit: 1, cursor: null }, noSignal)).items).toEqual([]);
    },
  );

  it('a search asks the provider, and gives null where that is down too', async () => {
    await add('eva');
    const recall = () => container.memory().recall({ userId: 'eva', query: 'locker', limit: 5 }, aDeadline());
    const fallback = { source: 'provider', degraded: true, reason: 'index_unreachable' };
    expect(await recall()).toMatchObject({
      value: [{ memory: { text: 'My locker is number 12.' } }],
      memory: fallback,
    });
    provider.fault = () => 'unavailable';
    expect(await recall()).toMatchObject({ value: null, memory: { source: 'none', degraded: true } });
    expect((await container.health()).status).toBe('unhealthy');
  });
});
