import { createCalls } from '../support/calls';
import { freshHome } from '../support/home';
import { type LocalService, startLocalService } from '../support/local-service';
import { aDeadline, createTestService } from '../support/service';

const id = expect.stringMatching(/^mem_\d{8}_\d{6}_\d{6}_[\da-f]{12}$/);
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
const said = (query: string, answer = 'All right.') => ({ query, answer });
const contents = ({ body }: { body: { memories: { content: string }[] } }) =>
  body.memories.map(({ content }) => content);

/** New Year's Day: no run of sync comes in between. */
const noTicks = { SYNC_SCHEDULE: '0 0 0 1 1 *' };
const waitingOf = async (service: LocalService) => (await service.call('GET', 'statistics')).body.outbox.waiting;

describe('a call', () => {
  const service = createTestService();
  const { container, clock, provider, tick } = service;
  const calls = createCalls(container);
  beforeAll(() => container.warmUp(), 60_000);
  afterAll(service.close);
  beforeEach(() => {
    clock.turn(60_000);
    provider.fault = () => null;
  });

  it('is stored, with all that was sent beside it, and found by its session', async () => {
    const beside = { call_id: 'call-1', tags: ['rent'], metadata: { Lead_Source: 'web', nested: { user_id: 7 } } };
    const stored = await calls.store({ session_id: 'whole', ...beside, user: { id: 'ana' }, ...said('Two rooms?') });
    expect(stored).toMatchObject({ status: 201 });
    expect(stored.body).toEqual({
      ...{ success: true, memory_id: id, memory_ids: [stored.body.memory_id], mem0_id: uuid, storage: 'local' },
      message: 'Stored.',
    });
    const { status, body } = await calls.find({ session_id: 'whole' });
    expect(status).toBe(200);
    const at = clock.now().toISOString();
    expect(body).toEqual({
      success: true,
      memories: [
        {
          ...{ id: stored.body.memory_id, content: 'User: Two rooms?\nAgent: All right.', session_id: 'whole' },
          ...{ ...beside, query: 'Two rooms?', answer: 'All right.', created_at: at, mem0_id: stored.body.mem0_id },
          topic: body.memories[0].topic,
        },
      ],
      ...{ count: 1, user_identifier: 'ana', source: 'local' },
      memory: { source: 'provider', degraded: false, reason: null, as_of: at, sync_lag_seconds: null },
    });
    expect(await container.memory().get(stored.body.mem0_id, aDeadline())).toMatchObject({
      value: { found: { text: body.memories[0].content, type: 'conversation', sessionId: 'whole', tags: ['rent'] } },
    });
  });

  it('is kept while the provider is down, readable and searchable at once, and moved by the next tick', async () => {
    provider.fault = () => 'unavailable';
    const user = { id: 'ben' };
    const stored = await calls.store({ session_id: 'down', user, ...said('Is the flat with the blue door free?') });
    expect(stored).toMatchObject({ status: 201, body: { success: true, memory_id: id, mem0_id: null } });
    expect(stored.body.storage).toBe('fallback');
    const during = await calls.find({ session_id: 'down' });
    expect(during.body).toMatchObject({ count: 1, source: 'fallback', memory: { source: 'outbox', degraded: false } });
    const query = { userId: 'ben', query: 'blue door', limit: 1 };
    expect((await container.memory().recall(query, aDeadline())).value).toHaveLength(1);

    provider.fault = () => null;
    clock.turn(60_000);
    expect(await tick()).toEqual({ people: 1, failed: 0 });
    const after = await calls.find({ session_id: 'down' });
    expect(after.body).toMatchObject({ source: 'local', memory: { source: 'provider' } });
    expect(after.body.memories).toEqual([
      { ...during.body.memories[0], mem0_id: uuid, topic: after.body.memories[0].topic },
    ]);
    expect(after.body.memories[0].id).toBe(stored.body.memory_id);
    expect(provider.done.filter(({ method }) => method === 'add')).toHaveLength(2);
  });

  it('is shown newest first, and no more of it than asked for', async () => {
    for (const query of ['one', 'two', 'three']) {
      await calls.store({ session_id: 'order', ...said(query, 'yes') });
      clock.turn(1);
    }
    expect(contents(await calls.find({ session_id: 'order', limit: '2' }))).toEqual([
      'User: three\nAgent: yes',
      'User: two\nAgent: yes',
    ]);
  });

  it('is kept turn by turn, in the order in which it was said', async () => {
    const messages = [
      { role: 'assistant', content: 'Hello?' },
      { role: 'user', content: 'Two rooms?', at: '2026-02-01T10:00:00Z' },
      { role: 'assistant', content: 'Yes.' },
      { role: 'user', content: 'Bye.' },
    ];
    const { body } = await calls.store({ session_id: 'turns', at: '2026-02-01T09:59:00Z', messages });
    const found = await calls.find({ session_id: 'turns' });
    expect(contents(found)).toEqual(['User: Bye.', 'User: Two rooms?\nAgent: Yes.', 'Agent: Hello?']);
    expect(found.body.memories.map((memory: { id: string }) => memory.id)).toEqual(body.memory_ids.toReversed());
    expect(found.body.memories[2].created_at).toBe('2026-02-01T09:59:00.000Z');
  });

  it('is nobody else’s', async () => {
    const ids = ['kim', 'lee'];
    await calls.storeAll(ids.map((id) => ({ session_id: `of-${id}`, user: { id, name: id }, ...said(`I am ${id}`) })));
    for (const name of ids)
      expect(contents(await calls.find({ name }))).toEqual([`User: I am ${name}\nAgent: All right.`]);
    const other = await container.memory().recall({ userId: 'lee', query: 'I am kim', limit: 10 }, aDeadline());
    expect(other.value?.map(({ memory }) => memory.userId)).toEqual(['lee']);
  });

  it('is not shown once its memory is deleted, whatever is deleted after it and however long ago', async () => {
    const { body } = await calls.store({ session_id: 'deleted', ...said('My code is 1234.') });
    await calls.store({ session_id: 'deleted', ...said('What else?') });
    await container.memory().delete(body.mem0_id, aDeadline());
    const left = ['User: What else?\nAgent: All right.'];
    expect(contents(await calls.find({ session_id: 'deleted' }))).toEqual(left);
    clock.turn(3 * 86_400_000);
    await container.sync({ isFull: true });
    expect(contents(await calls.find({ session_id: 'deleted' }))).toEqual(left);
  });

  it('is deleted before the provider has it, and stays so', async () => {
    provider.fault = () => 'unavailable';
    const user = { id: 'mia' };
    await calls.store({ session_id: 'unsent', user, ...said('My code is 5678.') });
    const { value } = await container.memory().recall({ userId: 'mia', query: 'code', limit: 1 }, aDeadline());
    await container.memory().delete(value?.[0]?.memory.id ?? '', aDeadline());
    expect(contents(await calls.find({ session_id: 'unsent' }))).toEqual([]);
    provider.fault = () => null;
    clock.turn(60_000);
    await tick();
    expect(contents(await calls.find({ session_id: 'unsent' }))).toEqual([]);
    const page = { limit: 10, cursor: null };
    expect((await container.memory().list('mia', page, aDeadline())).value?.items).toEqual([]);
  });
});

describe('a batch of calls', () => {
  const service = createTestService();
  const { container, clock, provider, tick } = service;
  const calls = createCalls(container);
  beforeAll(() => container.warmUp(), 60_000);
  afterAll(service.close);
  const items = (count: number, session: string) =>
    Array.from({ length: count }, (_, i) => ({
      session_id: session,
      user: { id: `of-${i % 3}` },
      ...said(`Number ${i}`),
    }));

  it('is stored but for what does not fit, and says of each what became of it', async () => {
    const [good, other] = items(2, 'mixed');
    const { status, body } = await calls.storeAll([
      good,
      { ...good, user: { phone: '12345' } },
      { ...good, query: ' ', tags: 7 },
      'nothing',
      other,
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: false, total: 5, stored: 2, failed: 3 });
    const failure = (...paths: string[]) => ({
      ...{ success: false, status: 400, message: expect.any(String) },
      errors: paths.map((path) => ({ path, message: expect.any(String) })),
    });
    expect(body.results).toMatchObject([
      { success: true, memory_id: id },
      failure('user.phone'),
      failure('query', 'tags'),
      failure(''),
      { success: true, memory_id: id },
    ]);
    expect(contents(await calls.find({ session_id: 'mixed' }))).toHaveLength(2);
  });

  it('reaches the provider once each, in one call for each person, and is searched', async () => {
    provider.calls.length = 0;
    const { body } = await calls.storeAll(items(60, 'together'));
    expect(body).toMatchObject({ success: true, stored: 60 });
    await container.conversations().idle();
    const writes = service.writes().length + provider.calls.filter(({ method }) => method === 'addAll').length;
    expect(writes).toBeLessThanOrEqual(6);
    const { body: found } = await calls.find({ session_id: 'together', limit: '100' });
    expect(found).toMatchObject({ count: 60, source: 'local' });
    const ids = body.results.map(({ memory_id }: { memory_id: string }) => memory_id);
    expect(found.memories.map((memory: { id: string }) => memory.id)).toEqual(ids.toReversed());
    expect(new Set(found.memories.map(({ mem0_id }: { mem0_id: string }) => mem0_id)).size).toBe(60);
    const recall = await container.memory().recall({ userId: 'of-1', query: 'Number 58', limit: 1 }, aDeadline());
    expect(recall).toMatchObject({ memory: { source: 'index' }, value: [{ memory: { sessionId: 'together' } }] });
  });

  it('goes to the provider in two groups at a time, however many send them, and together what comes meanwhile', async () => {
    provider.calls.length = 0;
    const together = () => provider.calls.filter(({ method }) => method === 'addAll').length;
    provider.fault = (method) => (method === 'addAll' ? 'hangs' : null);
    const people = (i: number) => Array.from({ length: 25 }, (_, j) => `flood-${i}-${j}`);
    const send = (i: number) =>
      calls.storeAll(people(i).map((id) => ({ session_id: 'flood', user: { id }, ...said(`What of ${id}?`) })));
    await Promise.all([0, 1, 2, 3, 4, 0, 1, 2, 3, 4].map(send));
    expect(together()).toBe(2);
    provider.fault = () => null;
    provider.release();
    await container.conversations().idle();
    expect(together()).toBeLessThanOrEqual(7);
    expect(service.writes()).toEqual([]);
    const { body } = await calls.find({ session_id: 'flood', limit: '100' });
    expect(body.count).toBe(100);
    expect((await container.health()).outbox).toMatchObject({ waiting: 0 });
  });

  it.each(['unavailable', 'dies before', 'dies after'] as const)(
    'is kept where the provider %s, and there once each after the next ticks',
    async (fault) => {
      const session = `failing ${fault}`;
      provider.fault = (method) => (method === 'add' || method === 'addAll' ? fault : null);
      const { body } = await calls.storeAll(items(30, session));
      expect(body).toMatchObject({ success: true, stored: 30 });
      expect(body.results[0]).toMatchObject({ storage: 'fallback', mem0_id: null });
      await container.conversations().idle();
      expect((await calls.find({ session_id: session, limit: '100' })).body.count).toBe(30);
      provider.fault = () => null;
      for (let i = 0; i < 3; i++) {
        clock.turn(600_000);
        await tick();
      }
      const { body: found } = await calls.find({ session_id: session, limit: '100' });
      expect(found).toMatchObject({ count: 30, source: 'local' });
      const kept = ['of-0', 'of-1', 'of-2'].map(async (userId) => {
        const { value } = await container.memory().list(userId, { limit: 100, cursor: null }, aDeadline());
        return value?.items.filter(({ sessionId }) => sessionId === session) ?? [];
      });
      expect((await Promise.all(kept)).flat()).toHaveLength(30);
    },
  );
});

describe('calls that were kept when the process was killed', () => {
  it('have the ids that were answered, and reach the provider once each', async () => {
    const home = freshHome();
    const first = await startLocalService(home, noTicks);
    const conversations = Array.from({ length: 20 }, (_, i) => ({ session_id: 'killed', ...said(`Number ${i}`) }));
    const [one, several] = await Promise.all([
      first.call('POST', 'conversations', { session_id: 'killed', at: '2026-01-01', ...said('The first') }),
      first.call('POST', 'conversations/batch', { conversations }),
    ]);
    await first.kill();
    const second = await startLocalService(home, noTicks);
    await second.call('POST', 'sync', {});
    const { body } = await second.call('GET', 'conversations?session_id=killed&limit=100');
    const answered = [one.body, ...several.body.results].map(({ memory_id }) => memory_id);
    expect(body.memories.map((memory: { id: string }) => memory.id).sort()).toEqual(answered.sort());
    const { body: listed } = await second.call('GET', `users/${body.user_identifier}/memories?limit=100`);
    expect(listed.memories.length + (await waitingOf(second))).toBe(21);
    await second.stop();
  });
});
