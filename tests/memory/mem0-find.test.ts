import { randomUUID } from 'node:crypto';
import { createTestClock } from '../support/clock';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';

const signal = new AbortController().signal;

describe('what became of an add', () => {
  const clock = createTestClock();
  let mem0: Awaited<ReturnType<typeof createTestMem0>>;
  beforeAll(async () => {
    mem0 = await createTestMem0(clock.now);
  });
  afterAll(() => mem0.server.close());
  beforeEach(() => {
    mem0.server.fault = () => null;
    mem0.server.store.laterMs = 5_000;
    mem0.server.store.fails = () => false;
  });
  const aRemark = (text = 'I live in Cusco.') => aNewMemory({ userId: randomUUID(), infer: true, text });
  const find = (
    { userId, operationId }: { userId: string; operationId: string },
    sentAt: Date,
    eventId: string | null = null,
  ) => {
    const arrivesUntil = new Date(sentAt.getTime() + 60_000);
    return mem0.provider.find(userId, operationId, { sentAt, arrivesUntil, eventId }, signal);
  };

  it('is pending while Mem0 is at work on it, whether or not we know the event', async () => {
    const memory = aRemark();
    const sentAt = clock.now();
    const receipt = await mem0.provider.add(memory, signal);
    const eventId = receipt.status === 'pending' ? receipt.eventId : null;
    expect(receipt).toEqual({ status: 'pending', eventId: expect.any(String) });
    expect(await find(memory, sentAt, eventId)).toEqual(receipt);
    expect(await find(memory, sentAt)).toEqual(receipt);
    clock.turn(5_000);
    const done = { status: 'stored', memories: [expect.objectContaining({ text: 'I live in Cusco.' })] };
    expect(await find(memory, sentAt, eventId)).toEqual(done);
    expect(await find(memory, sentAt)).toEqual(done);
  });

  it('is nothing worth keeping, and not unknown, where Mem0 kept nothing', async () => {
    const memory = aRemark('Thank you!');
    const sentAt = clock.now();
    await mem0.provider.add(memory, signal);
    clock.turn(60_000);
    expect(await find(memory, sentAt)).toEqual({ status: 'stored', memories: [] });
  });

  it('is failed where its own event says so; another one may be an earlier attempt’s', async () => {
    mem0.server.store.fails = () => true;
    const memory = aRemark();
    const sentAt = clock.now();
    const receipt = await mem0.provider.add(memory, signal);
    clock.turn(5_000);
    expect(await find(memory, sentAt, receipt.status === 'pending' ? receipt.eventId : null)).toEqual({
      status: 'failed',
    });
    expect(await find(memory, sentAt)).toEqual({ status: 'pending', eventId: null });
    clock.turn(55_000);
    expect(await find(memory, sentAt)).toEqual({ status: 'failed' });
  });

  it('is unknown, and not nothing, where Mem0 says that it has no such list', async () => {
    const sentAt = clock.now();
    clock.turn(60_000);
    for (const path of ['/v3/memories/', '/v1/events/']) {
      mem0.server.fault = (request) => (request.path === path ? { kind: 'status', status: 404 } : null);
      await expect(find(aRemark(), sentAt)).rejects.toMatchObject({
        code: 'unavailable',
        options: { retryable: true },
      });
    }
  });

  it('has its memories, whatever Mem0 says of each of them', async () => {
    const memory = aRemark();
    const receipt = await mem0.provider.add(memory, signal);
    const eventId = receipt.status === 'pending' ? receipt.eventId : null;
    clock.turn(5_000);
    mem0.server.fault = ({ path }) => (path.startsWith('/v1/memories/') ? { kind: 'status', status: 404 } : null);
    expect(await find(memory, clock.now(), eventId)).toMatchObject({ status: 'stored', memories: [{}] });
  });

  it('may be on its way, for as long as a request takes, and then never was', async () => {
    const memory = aRemark();
    const sentAt = clock.now();
    expect(await find(memory, sentAt)).toEqual({ status: 'pending', eventId: null });
    clock.turn(59_999);
    expect(await find(memory, sentAt)).toEqual({ status: 'pending', eventId: null });
    clock.turn(1);
    expect(await find(memory, sentAt)).toBeNull();
  });

  it('is found among many events of others, and not looked for among those from before it was sent', async () => {
    const memory = aRemark();
    const sentAt = clock.now();
    await mem0.provider.add(memory, signal);
    for (let i = 0; i < 250; i++) mem0.server.store.open('SEARCH', { query: 'others' }, () => [], false);
    expect(await find(memory, sentAt)).toMatchObject({ status: 'pending', eventId: expect.any(String) });
    clock.turn(600_000);
    mem0.server.requests.length = 0;
    expect(await find(aRemark(), clock.now())).toEqual({ status: 'pending', eventId: null });
    expect(mem0.server.requests.filter(({ path }) => path === '/v1/events/')).toHaveLength(1);
  });

  it('is looked up again by the operation where Mem0 no longer knows the event', async () => {
    mem0.server.store.laterMs = 0;
    const memory = aRemark();
    await mem0.provider.add(memory, signal);
    expect(await find(memory, clock.now(), randomUUID())).toMatchObject({ status: 'stored', memories: [{}] });
  });
});
