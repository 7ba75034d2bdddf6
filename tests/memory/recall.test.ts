import type { RecallRequest } from '../../shared/memory/memory-contract';
import type { Fault } from '../support/faulty-provider';
import { aDeadline, createTestService } from '../support/service';
import { createUnreachableIndex } from '../support/unreachable-index';

type Service = ReturnType<typeof createTestService>;

const said: { text: string; type?: string; tags?: string[]; metadata?: Record<string, unknown>; sessionId?: string }[] =
  [
    {
      text: 'My locker at the gym is number 12.',
      type: 'goal',
      tags: ['gym', 'keys'],
      metadata: { floor: { level: 2 } },
    },
    { text: 'My sister Lucia moved to Lima in March.', sessionId: 'session-1' },
    { text: 'She rented a flat near the sea.', sessionId: 'session-1' },
    { text: 'I drink green tea in the morning.', tags: ['gym'] },
  ];

describe('the ladder of a recall', () => {
  const { index, state } = createUnreachableIndex();
  const service = createTestService({ index });
  const withIndex = createTestService();
  const { provider } = service;
  beforeAll(async () => {
    await service.container.warmUp();
    await withIndex.container.warmUp();
  }, 60_000);
  beforeEach(() => {
    provider.fault = () => null;
    state.isSilent = false;
  });
  afterAll(() => Promise.all([service.close(), withIndex.close()]));

  const add = async ({ container, clock }: Service, userId: string, memory: (typeof said)[number]) => {
    clock.turn(1_000);
    const utterances = [{ role: 'user' as const, name: null, content: memory.text, at: null }];
    const request = { userId, infer: false, utterances, ...memory, messageId: `${userId} ${memory.text}` };
    return container.memory().add(request, aDeadline());
  };
  const recall = async ({ container }: Service, request: Partial<RecallRequest>) => {
    const recalled = await container
      .memory()
      .recall({ userId: 'ana', query: 'Which locker do I have?', limit: 10, ...request }, aDeadline());
    return { ...recalled, texts: recalled.value?.map(({ memory }) => memory.text) };
  };
  const down = (fault: Fault = 'unavailable', target = service) => {
    target.provider.fault = () => fault;
  };

  it('gives what waits in the outbox where index and provider fail, ranked as the index ranks it', async () => {
    down();
    down('unavailable', withIndex);
    for (const memory of said) {
      expect(await add(service, 'ana', memory)).toMatchObject({ status: 'queued' });
      await add(withIndex, 'ana', memory);
    }
    for (const query of ['Which locker do I have?', 'Where does my sister live?', 'tea']) {
      const [fromOutbox, fromIndex] = await Promise.all([recall(service, { query }), recall(withIndex, { query })]);
      expect(fromOutbox.memory).toMatchObject({ source: 'outbox', degraded: true, reason: 'provider_unavailable' });
      expect(fromIndex.memory.source).toBe('index');
      const ranked = ({ value }: typeof fromOutbox) =>
        value?.map(({ memory, score, breakdown, provisional }) => ({
          text: memory.text,
          score,
          breakdown,
          provisional,
        }));
      expect(ranked(fromOutbox)).toEqual(ranked(fromIndex));
      expect(fromOutbox.value).toHaveLength(said.length);
    }
  });

  it.each<[string, Partial<RecallRequest>, number[]]>([
    ['a type', { filter: { types: ['goal'] } }, [0]],
    ['tags', { filter: { tags: ['gym', 'keys'] } }, [0]],
    ['metadata', { filter: { metadata: { floor: { level: 2 } } } }, [0]],
    ['a session', { filter: { sessionId: 'session-1' } }, [1, 2]],
    ['a limit', { limit: 1 }, [0]],
    ['a time', { filter: { since: new Date('2026-03-01T12:00:04.000Z') } }, [3]],
  ])('what waits is narrowed by %s as it is in the index', async (_, request, expected) => {
    down();
    const { texts } = await recall(service, request);
    expect(texts?.sort()).toEqual(expected.map((i) => said[i]?.text).sort());
    expect((await recall(withIndex, request)).texts?.sort()).toEqual(texts);
  });

  it.each<[string, Partial<RecallRequest>]>([
    ['nothing waits', { userId: 'nobody' }],
    ['nothing that waits passes the filter', { filter: { types: ['preference'] } }],
    ['nothing that waits scores enough', { minScore: 9 }],
  ])('gives null, which is not [], where %s', async (_, request) => {
    down();
    const { value, memory } = await recall(service, { ...request, maxTokens: 100 });
    expect(value).toBeNull();
    expect(memory).toMatchObject({ source: 'none', degraded: true, reason: 'provider_unavailable' });
  });

  it('asks the provider where only the index fails, and leaves out what the filter does not let through', async () => {
    const userId = 'eva';
    for (const memory of said) await add(service, userId, memory);
    const all = await recall(service, { userId, query: 'gym locker tea' });
    expect(all.memory).toMatchObject({ source: 'provider', degraded: true, reason: 'index_unreachable' });
    const tagged = await recall(service, { userId, query: 'gym locker tea', filter: { tags: ['gym'] } });
    expect(tagged.texts?.length).toBeGreaterThan(0);
    for (const { memory } of tagged.value ?? []) expect(memory.tags).toContain('gym');
    const none = await recall(service, { userId, query: 'gym locker tea', filter: { types: ['preference'] } });
    expect(none).toMatchObject({ value: [], memory: { source: 'provider' } });
  });

  it('keeps to its deadline where nobody answers', async () => {
    state.isSilent = true;
    down('hangs');
    const started = performance.now();
    const { value, memory } = await service.container
      .memory()
      .recall({ userId: 'ana', query: 'locker', limit: 1 }, aDeadline().within(400));
    expect(performance.now() - started).toBeLessThan(400);
    expect(memory).toMatchObject({ source: 'outbox', reason: 'provider_timeout' });
    expect(value).toHaveLength(1);
    provider.release();
  });

  it('times every rung, and counts what answered instead of the index', async () => {
    const report = await service.container.report(aDeadline());
    expect(Object.keys(report.lastHour?.latencyMs ?? {})).toEqual(
      expect.arrayContaining(['rung.index', 'rung.provider', 'rung.outbox']),
    );
    const { provider: fromProvider, outbox, none } = report.lastHour?.fallbackUsage ?? {};
    expect(fromProvider).toBe(3);
    expect(outbox).toBeGreaterThan(3);
    expect(none).toBe(3);
  });

  it('shows nobody what others wait to have stored', async () => {
    down();
    await add(service, 'ida', { text: 'My locker is number 4711.' });
    expect((await recall(service, { userId: 'jon' })).value).toBeNull();
    expect((await recall(service, { userId: 'ana' })).texts).not.toContain('My locker is number 4711.');
  });
});
