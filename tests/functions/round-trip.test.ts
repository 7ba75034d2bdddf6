import { freshHome } from '../support/home';
import { type LocalService, startLocalService } from '../support/local-service';

const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const fresh = (source: string) => ({ source, degraded: false, reason: null, as_of: moment, sync_lag_seconds: null });

/** New Year's Day: no run of sync comes in between. */
const noTicks = { SYNC_SCHEDULE: '0 0 0 1 1 *' };

/** The tests of this file build on each other: one person's days with the bot, over two runs of Keepsake. */
describe('what a person said', () => {
  const home = freshHome();
  let service: LocalService;
  beforeAll(async () => {
    service = await startLocalService(home, noTicks);
  });
  afterAll(() => service.kill());
  const call: LocalService['call'] = (...request) => service.call(...request);

  const metadata = { Source_App: 'bot', userId: 7, nested: { user_id: [1.5, null, 'ñ 🎈'] } };
  const said = { session_id: 'session-1', tags: ['gym'], type: 'fact', metadata, infer: false };
  let memoryId: string;
  let goalId: string;

  const doneBeforeRestart = async () => {
    const chat = await call('POST', 'chat', { user_id: 'ana', message: 'I want to work out three times a week' });
    goalId = chat.body.goals[0].id;
  };

  it('is added', async () => {
    const answer = await call('POST', 'add-memory', {
      ...said,
      user_id: 'ana',
      text: 'My locker is number 12.',
      speaker: 'Ana',
      at: '2026-02-01T10:00:00+02:00',
      message_id: 'm-1',
      expires_at: '2999-01-01',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(answer.body).toEqual({
      status: 'stored',
      memory_id: uuid,
      memory_ids: [answer.body.memory_id],
      storage: 'local',
    });
    memoryId = answer.body.memory_id;
  });

  it('is added once, however often the message comes', async () => {
    const again = await call('POST', 'add-memory', {
      user_id: 'ana',
      text: 'My locker is number 12.',
      message_id: 'm-1',
    });
    expect(again.body).toMatchObject({ status: 'stored', memory_id: memoryId });
    const known = await call('POST', 'add-memory', { user_id: 'ana', text: 'my locker is number 12', speaker: 'Ana' });
    expect(known).toMatchObject({
      status: 200,
      body: { status: 'skipped', memory_id: memoryId, reason: 'exact_duplicate' },
    });
    const other = await call('POST', 'add-memory', { user_id: 'ana', text: 'My locker is number 13.', speaker: 'Ana' });
    expect(other.status).toBe(201);
  });

  it('is added as a conversation, of which the facts are kept', async () => {
    const messages = [
      { role: 'assistant', content: 'How was your day?' },
      { role: 'user', name: 'Ben', content: 'Hello! I adopted a cat called Miso.', at: '2026-02-02T10:00:00Z' },
      { role: 'user', content: 'Thanks!' },
    ];
    const { status, body } = await call('POST', 'add-memory', { user_id: 'ben', messages });
    expect(status).toBe(201);
    expect((await call('GET', `memories/${body.memory_id}`)).body.result).toMatchObject({
      text: 'I adopted a cat called Miso.',
      speaker: 'Ben',
      created_at: '2026-02-02T10:00:00.000Z',
    });
  });

  it('is stopped in between', async () => {
    await doneBeforeRestart();
    await call('POST', 'chat', { user_id: 'ana', message: 'mood 7, energy 5' });
    await service.stop();
    service = await startLocalService(home, noTicks);
  });

  it('is found again, with all that was stored beside it', async () => {
    const { status, body } = await call('POST', 'search', {
      user_id: 'ana',
      query: 'Which locker does Ana have?',
      types: ['fact'],
      session_id: 'session-1',
      tags: ['gym'],
      metadata: { userId: 7 },
      max_tokens: 100,
      debug: true,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      results: [
        {
          ...{
            id: memoryId,
            user_id: 'ana',
            text: 'My locker is number 12.',
            type: 'fact',
            topic: body.results[0].topic,
            tags: ['gym'],
            metadata,
          },
          ...{
            speaker: 'Ana',
            session_id: 'session-1',
            created_at: '2026-02-01T08:00:00.000Z',
            updated_at: moment,
            expires_at: '2999-01-01T00:00:00.000Z',
            superseded_by: null,
          },
          ...{
            score: expect.any(Number),
            score_breakdown: expect.objectContaining({ lexical: expect.any(Number), late: expect.any(Number) }),
          },
        },
      ],
      count: 1,
      context: expect.objectContaining({ text: expect.stringContaining('My locker is number 12.') }),
      query: 'Which locker does Ana have?',
      memory: fresh('index'),
      timings_ms: expect.objectContaining({ total: expect.any(Number) }),
    });
  });

  it('is nobody else’s', async () => {
    const { body } = await call('POST', 'search', { user_id: 'ben', query: 'Which locker?', limit: 100 });
    expect(body.results.map(({ user_id }: { user_id: string }) => user_id)).not.toContain('ana');
    expect((await call('POST', 'search', { user_id: 'nobody', query: 'anything' })).body).toMatchObject({
      results: [],
      count: 0,
      memory: fresh('index'),
    });
  });

  it('is what the next chat refers to', async () => {
    const { status, body } = await call('POST', 'chat', {
      user_id: 'ana',
      message: 'What do you know about me?',
      personality: 'zen',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ personality: 'zen', conversation_id: uuid, memory: fresh('index') });
    expect(body.reply).toMatch(/work out/i);
    expect(body.memories_used.length).toBeGreaterThan(0);
  });

  it('is listed page by page, newest first', async () => {
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { memories: { id: string; created_at: string }[]; next_cursor: string | null } } =
        await call('GET', `users/ana/memories?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      pages.push(body.memories.map(({ created_at, id }) => `${created_at} ${id}`));
      cursor = body.next_cursor;
    } while (cursor);
    const seen = pages.flat();
    expect(pages.length).toBeGreaterThan(2);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.map((entry) => entry.slice(0, 24))).toEqual(
      seen
        .map((entry) => entry.slice(0, 24))
        .sort()
        .reverse(),
    );
    expect(seen.at(-1)).toBe(`2026-02-01T08:00:00.000Z ${memoryId}`);
    const goals = await call('GET', 'users/ana/memories?type=goal');
    expect(goals.body).toMatchObject({ memories: [{ type: 'goal' }], next_cursor: null, memory: fresh('provider') });
  });

  it('is changed, and found by its new words only', async () => {
    const { status, body } = await call('PATCH', `memories/${memoryId}`, {
      text: 'My locker is number 40.',
      expires_at: null,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'stored',
      memory: { id: memoryId, text: 'My locker is number 40.', metadata, expires_at: null },
    });
    expect((await call('GET', `memories/${memoryId}`)).body).toEqual({
      result: body.memory,
      memory: fresh('provider'),
    });
    const found = await call('POST', 'search', { user_id: 'ana', query: 'locker', limit: 100 });
    const texts = found.body.results.map(({ text }: { text: string }) => text);
    expect(texts).toContain('My locker is number 40.');
    expect(texts).not.toContain('My locker is number 12.');
  });

  it('is deleted, and its history tells so', async () => {
    expect(await call('DELETE', `memories/${memoryId}`)).toMatchObject({
      status: 200,
      body: { status: 'stored', memory: null },
    });
    expect((await call('GET', `memories/${memoryId}`)).status).toBe(404);
    expect((await call('DELETE', `memories/${memoryId}`)).status).toBe(404);
    const { body } = await call('GET', `memories/${memoryId}/history`);
    const change = (event: string, previous_text: string | null, text: string | null) => ({
      memory_id: memoryId,
      event,
      previous_text,
      text,
      at: moment,
    });
    expect(body).toEqual({
      history: [
        change('add', null, 'My locker is number 12.'),
        change('update', 'My locker is number 12.', 'My locker is number 40.'),
        change('delete', 'My locker is number 40.', null),
      ],
      memory: fresh('provider'),
    });
    const found = await call('POST', 'search', { user_id: 'ana', query: 'locker number 40', limit: 100 });
    expect(found.body.results.map(({ id }: { id: string }) => id)).not.toContain(memoryId);
  });

  it('became a goal, which can be changed', async () => {
    const { body } = await call('GET', 'users/ana/goals');
    expect(body.goals).toEqual([
      expect.objectContaining({
        id: goalId,
        title: 'work out',
        target: { count: 3, period: 'week' },
        status: 'active',
      }),
    ]);
    const patched = await call('PATCH', `goals/${goalId}`, { status: 'done' });
    expect(patched).toMatchObject({ status: 200, body: { id: goalId, title: 'work out', status: 'done' } });
    expect((await call('GET', 'users/ana/goals?status=active')).body).toEqual({ goals: [] });
    expect((await call('GET', 'users/ben/goals')).body).toEqual({ goals: [] });
  });

  it('became a check-in', async () => {
    const { body } = await call('GET', 'users/ana/check-ins?limit=1');
    expect(body).toEqual({
      check_ins: [{ id: uuid, goal_id: null, mood: 7, energy: 5, note: null, personality: 'cheerleader', at: moment }],
      next_cursor: null,
    });
  });

  it('is counted', async () => {
    const users = await call('GET', 'users');
    expect(users.body).toEqual({
      users: [
        { user_id: 'ana', memories: expect.any(Number), last_memory_at: moment },
        { user_id: 'ben', memories: 1, last_memory_at: '2026-02-02T10:00:00.000Z' },
      ],
      next_cursor: null,
      memory: fresh('provider'),
    });
    const { body } = await call('GET', 'statistics');
    const stored = users.body.users[0].memories + 1;
    expect(body).toMatchObject({
      total_memories: stored,
      outbox: { waiting: 0, dead: 0 },
      last_hour: { provider_success_rate: 1, fallback_usage: { provider: 0, none: 0 } },
    });
    expect(body.last_hour.latency_ms['add-memory']).toEqual({
      count: 5,
      p50: expect.any(Number),
      p95: expect.any(Number),
      p99: expect.any(Number),
    });
    expect(body.memories_by_type.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(stored);
  });

  it('is in good health', async () => {
    const { status, body } = await call('GET', 'health');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'healthy',
      issues: [],
      provider: { name: 'local', reachable: true },
      fallback: null,
      shadow: null,
      new_people: null,
      brain: { is_configured: true, pending: 0, failed: 0 },
      index: { name: 'embedded', reachable: true },
      database: { engine: 'pglite', reachable: true },
      outbox: { waiting: 0, oldest_seconds: 0, dead: 0 },
      sync: { lag_seconds: null, last_run: null, drift: null },
      model: 'ready',
      chat_model: null,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });
});
