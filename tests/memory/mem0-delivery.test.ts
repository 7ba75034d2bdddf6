import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../shared/database/client';
import { createDelivery, type Delivery } from '../../shared/memory/delivery';
import { createOutbox } from '../../shared/memory/outbox';
import type { MemoryProvider, NewMemory } from '../../shared/memory/provider';
import { createProviderCache } from '../../shared/memory/provider-cache';
import { createReader } from '../../shared/memory/reader';
import { createTombstones } from '../../shared/memory/tombstones';
import type { SearchIndex } from '../../shared/search/index';
import type { PointBuilder } from '../../shared/search/points';
import { createLogger } from '../../shared/telemetry/logger';
import { createStatistics } from '../../shared/telemetry/statistics';
import { createTestClock } from '../support/clock';
import { type Fault, faultsAtRandom } from '../support/faults';
import { freshHome } from '../support/home';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';

const lost = { sentAt: new Date(0), arrivesUntil: new Date(0), eventId: null };

describe('writes on their way to Mem0', () => {
  const clock = createTestClock();
  const database = createDatabase({ home: freshHome(), url: undefined });
  const outbox = createOutbox(database, clock.now);
  const tombstones = createTombstones(database, clock.now);
  const started: Delivery[] = [];
  /** The circuit breaker reads Date: it keeps to the same clock. */
  const turn = (milliseconds: number) => {
    clock.turn(milliseconds);
    jest.setSystemTime(clock.now());
  };
  const logger = createLogger('silent');
  let mem0: Awaited<ReturnType<typeof createTestMem0>>;
  /** Texts in the index by memory id; that is all of it that matters here. */
  const indexed = new Map<string, string>();
  beforeAll(async () => {
    jest.useFakeTimers({
      doNotFake: [
        'setTimeout',
        'clearTimeout',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
        'nextTick',
        'queueMicrotask',
        'performance',
      ],
      now: clock.now(),
    });
    mem0 = await createTestMem0(clock.now, {}, { MEM0_TIMEOUT: 1 });
    // The first calls of all are slow, and no part of what is looked at here.
    await database.open();
    const { signal } = new AbortController();
    await mem0.provider.add(aNewMemory({ infer: true }), signal).catch(() => undefined);
    await mem0.provider.find('nobody', randomUUID(), lost, signal).catch(() => undefined);
  });
  afterAll(async () => {
    for (const delivery of started) await delivery.idle();
    await mem0.server.close();
    await database.close();
    jest.useRealTimers();
  });
  let ana: string;
  beforeEach(() => {
    ana = randomUUID();
    mem0.server.fault = () => null;
    mem0.server.store.laterMs = 0;
    mem0.server.store.fails = () => false;
    mem0.server.requests.length = 0;
  });

  let onIndexed: () => void = () => undefined;
  const index = {
    name: 'embedded',
    upsert: async (_userId: string, points: { memory: { id: string; text: string } }[]) => {
      for (const { memory } of points) indexed.set(memory.id, memory.text);
      onIndexed();
    },
    remove: async (_userId: string, ids: string[]) => {
      for (const id of ids) indexed.delete(id);
    },
  } as unknown as SearchIndex;
  const points = {
    toPoint: async (memory: unknown) => ({ memory }),
    topicOf: async () => null,
  } as unknown as PointBuilder;

  /** A process that delivers. */
  const startAlone = (provider: MemoryProvider = mem0.provider, pendingPollMs = 2_000) => {
    const statistics = createStatistics(database, clock.now);
    const reader = createReader({ provider, fallback: null, statistics, logger, now: clock.now });
    const providerCache = createProviderCache({ reader, statistics, now: clock.now });
    const room = { arrived: async () => undefined };
    const rooms = { exchange: room, lead: room, brain: room };
    const kept = { outbox, tombstones, rooms, statistics, logger };
    const parts = { ...kept, provider, providerCache, index, points, pendingPollMs };
    const delivery = createDelivery(parts);
    started.push(delivery);
    return delivery;
  };
  /** One that does nothing by itself. */
  const start = (provider?: MemoryProvider): Delivery => {
    const delivery = startAlone(provider);
    const drain = async (userId: string) => {
      await delivery.drain(userId);
      await delivery.idle();
    };
    return { ...delivery, drain };
  };
  const accept = async (changes: Parameters<typeof aNewMemory>[0] = {}): Promise<NewMemory> => {
    const memory = aNewMemory({ userId: ana, infer: true, ...changes });
    await outbox.accept(memory.userId, memory.operationId, { kind: 'add', memory });
    return memory;
  };
  const drainUntilEmpty = async (people = [ana]) => {
    const delivery = start();
    for (let ticks = 0; ticks < 30; ticks++) {
      turn(60_000);
      for (const userId of people) await delivery.drain(userId);
      if ((await outbox.status()).waiting === 0) return;
    }
    throw new Error('The outbox did not empty.');
  };
  const sent = () =>
    mem0.server.requests.filter(({ path }) => path === '/v3/memories/add/').map(({ body }) => body.messages[0].content);
  const kept = (userId = ana) =>
    mem0.server.store.rows.filter(({ user_id }) => user_id === userId).map(({ memory }) => memory);

  it('one that Mem0 is at work on does not hold up the next, and is followed until it is done', async () => {
    mem0.server.store.laterMs = 5_000;
    const first = await accept({ text: 'I live in Cusco.' });
    await accept({ text: 'I work in Lima.' });
    const delivery = start();
    await delivery.drain(ana);
    expect(sent()).toEqual(['I live in Cusco.', 'I work in Lima.']);
    expect(await outbox.stateOf(first.operationId)).toBe('pending');
    expect(await outbox.unsent(ana)).toHaveLength(2);
    turn(2_000);
    await delivery.drain(ana);
    expect(kept()).toEqual([]);
    turn(3_000);
    await delivery.drain(ana);
    expect(await outbox.stateOf(first.operationId)).toBeNull();
    expect(kept()).toEqual(['I live in Cusco.', 'I work in Lima.']);
    expect([...indexed.values()]).toEqual(expect.arrayContaining(kept()));
    expect(sent()).toHaveLength(2);
  });

  it.each([
    ['before Mem0 is done with it', 70_000],
    ['after Mem0 is done with it', 0],
  ])(
    'one whose process died before it could note the event is not sent twice (looked for %s)',
    async (_when, laterMs) => {
      mem0.server.store.laterMs = laterMs;
      await accept({ text: 'I live in Cusco.' });
      let reached: () => void = () => undefined;
      const isSent = new Promise<void>((resolve) => {
        reached = resolve;
      });
      let bury: () => void = () => undefined;
      const isOver = new Promise<void>((resolve) => {
        bury = resolve;
      });
      const dying: MemoryProvider = {
        ...mem0.provider,
        add: async (memory, signal) => {
          const receipt = await mem0.provider.add(memory, signal);
          reached();
          await isOver;
          return receipt;
        },
      };
      const dead = startAlone(dying).drain(ana);
      await isSent;
      // Its lease runs out, and another process looks after it.
      turn(60_000);
      await start().drain(ana);
      expect(kept()).toHaveLength(laterMs > 60_000 ? 0 : 1);
      await drainUntilEmpty();
      expect(sent()).toEqual(['I live in Cusco.']);
      expect(kept()).toEqual(['I live in Cusco.']);
      bury();
      await dead;
    },
  );

  it('one that never arrived is sent again, once nothing of it can be on its way', async () => {
    await accept({ text: 'I live in Cusco.' });
    mem0.server.fault = () => ({ kind: 'reset' });
    const delivery = start();
    await delivery.drain(ana);
    mem0.server.fault = () => null;
    for (let seconds = 0; seconds < 9; seconds++) {
      turn(1_000);
      await delivery.drain(ana);
    }
    expect(sent()).toHaveLength(1);
    turn(2_000);
    await delivery.drain(ana);
    expect(sent()).toHaveLength(2);
    await drainUntilEmpty();
    expect(kept()).toEqual(['I live in Cusco.']);
  });

  it('one that cannot be looked up is not sent blindly', async () => {
    await accept({ text: 'I live in Cusco.' });
    mem0.server.fault = () => ({ kind: 'reset', applied: true });
    const delivery = start();
    await delivery.drain(ana);
    for (const status of [400, 401, 429, 503]) {
      mem0.server.fault = () => ({ kind: 'status', status });
      turn(700_000);
      await delivery.drain(ana);
    }
    expect(sent()).toHaveLength(1);
    mem0.server.fault = () => null;
    await drainUntilEmpty();
    expect(sent()).toHaveLength(1);
    expect(kept()).toEqual(['I live in Cusco.']);
  });

  it('one that Mem0 took and gave up is sent again, later each time', async () => {
    mem0.server.store.fails = () => true;
    await accept({ text: 'I live in Cusco.' });
    const delivery = start();
    await delivery.drain(ana);
    turn(2_000);
    await delivery.drain(ana);
    expect(sent()).toHaveLength(1);
    mem0.server.store.fails = () => false;
    await drainUntilEmpty();
    expect(sent()).toHaveLength(2);
    expect(kept()).toEqual(['I live in Cusco.']);
  });

  it('one that Mem0 gives up again and again is kept as it was said', async () => {
    mem0.server.store.fails = ({ infer }) => infer !== false;
    const { operationId } = await accept({ text: 'I live in Cusco.' });
    await drainUntilEmpty();
    expect(sent()).toHaveLength(4);
    expect(kept()).toEqual(['I live in Cusco.']);
    expect([...indexed]).toContainEqual([expect.not.stringContaining(operationId), 'I live in Cusco.']);
  });

  it('one that Mem0 keeps nothing of leaves nothing behind', async () => {
    mem0.server.store.laterMs = 5_000;
    const { operationId } = await accept({ text: 'Thank you!' });
    const provisional = async () => void indexed.set(operationId, 'Thank you!');
    const outcome = await startAlone(mem0.provider, 60_000).outcomeOf(ana, operationId, 1_000, provisional);
    expect(outcome).toEqual({ status: 'pending', code: 'provider_pending' });
    expect(indexed.has(operationId)).toBe(true);
    await drainUntilEmpty();
    expect(kept()).toEqual([]);
    expect(indexed.has(operationId)).toBe(false);
    // Asked again now, it is done: nothing would take a new provisional point away.
    await startAlone(mem0.provider, 60_000).outcomeOf(ana, operationId, 1_000, provisional);
    expect(indexed.has(operationId)).toBe(false);
  });

  it('one that Mem0 is at work on is asked about again without a tick', async () => {
    mem0.server.store.laterMs = 5_000;
    const { operationId } = await accept({ text: 'I live in Cusco.' });
    const delivery = startAlone(mem0.provider, 5);
    await delivery.drain(ana);
    expect(await outbox.stateOf(operationId)).toBe('pending');
    const isIndexed = new Promise<void>((resolve) => {
      onIndexed = resolve;
    });
    turn(5_000);
    await isIndexed;
    await delivery.idle();
    expect(await outbox.stateOf(operationId)).toBeNull();
  });

  it('each arrive once, whatever happens on the way', async () => {
    const kinds: Fault[] = [
      { kind: 'status', status: 429, retryAfterSeconds: 1 },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 500, applied: true },
      { kind: 'status', status: 401 },
      ...[401, 404, 429].map((status): Fault => ({ kind: 'status', status, applied: true })),
      { kind: 'reset' },
      { kind: 'reset', applied: true },
      { kind: 'nonsense', applied: true },
      { kind: 'silent' },
      { kind: 'silent', applied: true },
      { kind: 'slow', ms: 5 },
    ];
    mem0.server.store.laterMs = 1_000;
    mem0.server.fault = faultsAtRandom(kinds, 0.3, 11);
    const people = [ana, randomUUID(), randomUUID()];
    const said = new Map<string, string[]>(people.map((userId) => [userId, []]));
    const delivery = start();
    for (let i = 0; i < 60; i++) {
      const userId = people[i % 3] ?? ana;
      const text = `Remark number ${i} of many.`;
      await accept({ userId, text, infer: i % 2 === 0 });
      said.get(userId)?.push(text);
      turn(3_000);
      await delivery.drain(userId);
    }
    expect(sent().length).toBeGreaterThan(30);
    mem0.server.fault = () => null;
    await drainUntilEmpty(people);
    for (const [userId, texts] of said) expect(kept(userId).sort()).toEqual([...texts].sort());
    expect(await outbox.status()).toMatchObject({ waiting: 0, dead: 0 });
  });
});
