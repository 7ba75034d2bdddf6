import { randomUUID } from 'node:crypto';
import { createSessionContextHandler } from '../../functions/session-context';
import { createDatabase } from '../../shared/database/client';
import { exchanges, leads } from '../../shared/database/schema-conversations';
import { createIdentity } from '../../shared/identity/identity';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';
import { createTestService, nowhere } from '../support/service';

const phone = '+56955550201';
const dayMs = 86_400_000;
const now = new Date('2026-03-01T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);

type Row = typeof exchanges.$inferInsert;
const toRow = (id: string, of: Pick<Row, 'userId' | 'sessionId' | 'query' | 'at'> & Partial<Row>): Row => ({
  ...{ id, operationId: randomUUID(), answer: 'Very well.', tags: [], metadata: {}, memoryId: `at the provider ${id}` },
  ...of,
});

/** Forty turns a minute apart, the last one a minute ago. Spelled out here, so that the numbers below can be counted. */
const turns = (userId: string) =>
  Array.from({ length: 40 }, (_, i) => {
    const turn = i + 1;
    const at = new Date(now.getTime() - (41 - turn) * 60_000);
    const isSad = turn <= 20 && turn % 4 === 0;
    const isHappy = turn > 20 && turn % 2 === 0;
    const said = isSad ? 'I am sad about the house.' : isHappy ? 'I am happy with the house.' : 'It has three rooms.';
    const special: Record<number, Partial<Row>> = {
      10: { query: 'Can we reschedule.' },
      30: { query: 'I am happy with the house, let us reschedule.' },
      35: { query: 'Is there a garage?', answer: "I don't know, I will call you back." },
    };
    const topic = [null, 'price', 'price', 'location', 'visit'][turn % 5];
    return toRow(`e${turn}`, { userId, sessionId: 's-40', query: said, at, topic, ...special[turn] });
  });

/** Ten days ago; then there was a lead, whose interest rose five days ago. */
const before = (userId: string) =>
  ['location', 'location', 'pets'].map((topic, i) =>
    toRow(`old${i + 1}`, {
      userId,
      sessionId: 's-old',
      query: 'The balcony looks north.',
      at: daysAgo(10 - i / 100),
      topic,
    }),
  );

async function seed(home: string): Promise<string> {
  const database = createDatabase({ home, url: undefined });
  const userId = await createIdentity(database, () => now).resolve({ type: 'sms', address: phone });
  const db = await database.open();
  const others = Array.from({ length: 5 }, (_, i) =>
    toRow(`other${i}`, {
      userId: 'somebody else',
      sessionId: i % 2 ? 's-40' : 's-other',
      query: 'My canary sings?',
      at: daysAgo(1 + i),
    }),
  );
  await db.insert(exchanges).values([...before(userId), ...turns(userId), ...others]);
  const lead = (level: string, days: number, of = userId, leadId = 'lead-1'): typeof leads.$inferInsert => ({
    ...{ id: randomUUID(), leadId, userId: of, sessionId: 's-old', data: { interest_level: level }, at: daysAgo(days) },
  });
  await db
    .insert(leads)
    .values([
      lead('low', 10),
      lead('high', 5),
      lead('low', 9, 'somebody else', 'canary'),
      lead('high', 8, 'somebody else', 'canary'),
    ]);
  await database.close();
  return userId;
}

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
type Context = { status: number; body: any };
const ask =
  ({ container }: ReturnType<typeof createTestService>) =>
  async (sessionId: string, query: Record<string, string> = {}): Promise<Context> =>
    call(createSessionContextHandler(container), { method: 'GET', params: { session_id: sessionId }, query });

const idsOf = (context: Context) => context.body.recent_memories.map(({ id }: { id: string }) => id);
const unknownTrend = { direction: 'unknown', first: 0, second: 0, count: 0 };

describe('the context of a session', () => {
  const home = freshHome();
  const service = createTestService({ env: { KEEPSAKE_HOME: home, LOG_LEVEL: 'silent' } });
  const contextOf = ask(service);
  let userId: string;
  beforeAll(async () => {
    userId = await seed(home);
  });
  afterAll(() => service.close());

  it('of forty turns has the numbers that a hand counts', async () => {
    const context = await contextOf('s-40');
    expect(context.status).toBe(200);
    const { recent_memories: recent, ...rest } = context.body;
    expect(idsOf(context)).toEqual(['e40', 'e39', 'e38', 'e37', 'e36', 'e35', 'e34', 'e33', 'e32', 'e31']);
    expect(recent[5]).toEqual({
      ...{ id: 'e35', mem0_id: 'at the provider e35', session_id: 's-40', call_id: null, this_session: true },
      content: "User: Is there a garage?\nAgent: I don't know, I will call you back.",
      ...{ query: 'Is there a garage?', answer: "I don't know, I will call you back.", topic: null },
      ...{ tags: [], metadata: {}, created_at: '2026-03-01T11:54:00.000Z' },
    });
    expect(rest).toEqual({
      ...{ session_id: 's-40', user_id: userId },
      user_context: {
        total_interactions: 43,
        last_interaction: '2026-03-01T11:59:00.000Z',
        common_topics: [
          { topic: 'price', count: 16 },
          { topic: 'location', count: 10 },
          { topic: 'visit', count: 8 },
          { topic: 'pets', count: 1 },
        ],
        sentiment_trend: {
          // sad is -2 of 5: 4 of the first 21; 1 of the last 22, and 10 times happy, 3 of 5.
          ...{ direction: 'improving', first: -0.076, second: 0.255, count: 43 },
          session: { direction: 'improving', first: -0.1, second: 0.3, count: 40 },
        },
      },
      lead: expect.objectContaining({
        ...{ lead_id: 'lead-1', user_id: userId, lead_data: { interest_level: 'high' } },
        versions: [
          expect.objectContaining({ lead_data: { interest_level: 'high' } }),
          expect.objectContaining({ lead_data: { interest_level: 'low' } }),
        ],
      }),
      recommendations: [
        { rule: 'rescheduled_twice', text: expect.stringContaining('2 times'), evidence: ['e10', 'e30'] },
        { rule: 'interest_rising', text: expect.any(String), evidence: ['lead-1'] },
        { rule: 'unanswered_question', text: expect.stringContaining('Is there a garage?'), evidence: ['e35'] },
      ],
      memory: { source: 'provider', degraded: false, reason: null, as_of: expect.any(String), sync_lag_seconds: null },
    });
  });

  it('of a few turns is filled up with the person’s earlier ones', async () => {
    const context = await contextOf('s-old');
    expect(idsOf(context)).toEqual(['old3', 'old2', 'old1', 'e40', 'e39', 'e38', 'e37', 'e36', 'e35', 'e34']);
    const flags = context.body.recent_memories.map((one: { this_session: boolean }) => one.this_session);
    expect(flags).toEqual([...Array(3).fill(true), ...Array(7).fill(false)]);
    expect(context.body.user_context.sentiment_trend.session).toMatchObject({ direction: 'unknown', count: 3 });
  });

  it('that has only begun is of whoever has the phone', async () => {
    for (const spelled of [phone, '+56 9 5555-0201', ' 56955550201']) {
      const { body } = await contextOf('s-new', { phone: spelled });
      expect(body).toMatchObject({ user_id: userId, user_context: { total_interactions: 43 } });
      expect(body.recent_memories.every((one: { this_session: boolean }) => !one.this_session)).toBe(true);
      expect(body.user_context.sentiment_trend.session).toEqual(unknownTrend);
    }
  });

  it('of somebody unknown is empty, and makes nobody known', async () => {
    for (const query of [undefined, { phone: '+56955550299' }, { phone: '+56955550299' }]) {
      const { status, body } = await contextOf('s-nobody', query);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ user_id: null, recent_memories: [], lead: null, recommendations: [] },
        user_context: { total_interactions: 0, last_interaction: null, common_topics: [] },
        memory: { degraded: false },
      });
      expect(body.user_context.sentiment_trend).toEqual({ ...unknownTrend, session: unknownTrend });
    }
  });

  it('holds nothing of anybody else, though they spoke in the same session', async () => {
    for (const session of ['s-40', 's-old']) expect(JSON.stringify(await contextOf(session))).not.toContain('canary');
    const { body } = await contextOf('s-other');
    expect(body).toMatchObject({ user_id: 'somebody else', user_context: { total_interactions: 5 } });
    expect(JSON.stringify(body)).not.toContain('house');
  });

  it('is refused for a phone that cannot be one', async () => {
    const { status, body } = await contextOf('s-40', { phone: '12345' });
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ path: 'phone' })]]);
  });

  it('asks no provider', () => expect(service.provider.calls).toEqual([]));
});

it('with no database to be reached is null, and says why', async () => {
  const service = createTestService({ env: { DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
  const { status, body } = await ask(service)('s-40', { phone });
  expect([status, body]).toEqual([
    200,
    {
      ...{ session_id: 's-40', user_id: null, recent_memories: null, lead: null, recommendations: null },
      user_context: { total_interactions: null, last_interaction: null, common_topics: null, sentiment_trend: null },
      memory: expect.objectContaining({ source: 'none', degraded: true, reason: 'database_unreachable' }),
    },
  ]);
  await service.close();
});
