import { createCalls } from '../support/calls';
import { aDeadline, createTestService } from '../support/service';

const id = expect.stringMatching(/^mem_\d{8}_\d{6}_\d{6}_[\da-f]{12}$/);
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
const said = (query: string, answer = 'All right.') => ({ query, answer });
const contents = ({ body }: { body: { memories: { content: string }[] } }) =>
  body.memories.map(({ content }) => content);

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
});
