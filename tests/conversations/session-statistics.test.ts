import { createChatHandler } from '../../functions/chat';
import { createConversationsHandler } from '../../functions/conversations';
import { createSessionStatisticsHandler } from '../../functions/session-statistics';
import { call } from '../support/endpoint';
import { createTestService, nowhere } from '../support/service';

const json = (body: object) => ({
  ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
});

describe('GET /api/sessions/{session_id}/statistics', () => {
  const { container, provider, clock, close } = createTestService();
  const statistics = (sessionId: string, query = {}) =>
    call(createSessionStatisticsHandler(container), { method: 'GET', params: { session_id: sessionId }, query });
  afterAll(close);
  afterEach(() => {
    provider.fault = () => null;
  });

  beforeAll(async () => {
    const store = createConversationsHandler(container);
    const talk = { session_id: 'call-1', user: { id: 'ana' }, at: '2026-02-01T09:00:00Z' };
    await call(store, json({ ...talk, query: 'Is there a garage?', answer: 'There is one.' }));
    const unanswered = [{ role: 'user', content: 'Thank you, goodbye.', at: '2026-02-01T09:05:00Z' }];
    await call(store, json({ session_id: 'call-1', user: { id: 'ana' }, messages: unanswered }));
    for (const user_id of ['ben', 'eva']) {
      await call(
        createChatHandler(container),
        json({ user_id, conversation_id: 'bot', message: 'I want to run every day.' }),
      );
    }
    await container.idle();
  });

  it('counts what was said, by whom, and the memories of it', async () => {
    const { status, body } = await statistics('call-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ session_id: 'call-1', people: 1, messages: 3, memories: 2 },
      roles: [
        { role: 'user', count: 2 },
        { role: 'assistant', count: 1 },
      ],
      ...{ first: '2026-02-01T09:00:00.000Z', last: '2026-02-01T09:05:00.000Z' },
      memory: { source: 'provider', degraded: false },
    });
  });

  it('counts a session of several, and one person’s part of it', async () => {
    const both = await statistics('bot');
    expect(both.body).toMatchObject({ people: 2, messages: 4, memories: 2, last: clock.now().toISOString() });
    const one = await statistics('bot', { user_id: 'ben' });
    expect(one.body).toMatchObject({ people: 1, messages: 2, memories: 1 });
  });

  it('asks the provider about a person who left no row here', async () => {
    const utterances = [{ role: 'user' as const, name: null, content: 'It came from elsewhere.', at: null }];
    await provider.add(
      {
        ...{
          operationId: '7d3c7a52-3f0e-4c55-9d0b-0f7d1c9b8a11',
          userId: 'kim',
          utterances,
          type: 'message',
          topic: null,
        },
        ...{ tags: [], metadata: {}, sessionId: 'old', at: new Date('2025-01-01'), expiresAt: null, infer: false },
      },
      AbortSignal.timeout(5_000),
    );
    const known = await statistics('old', { user_id: 'kim' });
    expect(known.body).toMatchObject({
      people: 0,
      messages: 0,
      roles: [],
      memories: 1,
      first: '2025-01-01T00:00:00.000Z',
    });
    const unknown = await statistics('old');
    expect(unknown.body).toMatchObject({
      messages: 0,
      memories: null,
      memory: { source: 'none', reason: 'nobody_known' },
    });
  });

  it('leaves memories null while the provider is away, and counts the rest', async () => {
    provider.fault = () => 'unavailable';
    const { status, body } = await statistics('call-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ messages: 3, memories: null, last: '2026-02-01T09:05:00.000Z' },
      memory: { source: 'none', degraded: true, reason: 'provider_unavailable' },
    });
  });

  it('has nulls without the database', async () => {
    const down = createTestService({ env: { DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
    const handler = createSessionStatisticsHandler(down.container);
    const { status, body } = await call(handler, { method: 'GET', params: { session_id: 'call-1' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ people: null, messages: null, roles: null, memories: null, first: null, last: null },
      memory: { reason: 'database_unreachable' },
    });
    await down.close();
  });
});
