import { randomUUID } from 'node:crypto';
import { createChatHandler } from '../../functions/chat';
import { createCheckInsHandler } from '../../functions/check-ins';
import { createGoalHandler } from '../../functions/goal';
import { createGoalsHandler } from '../../functions/goals';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';

const container = createContainer({
  env: { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent', RECALL_TIMEOUT_MS: '5000' },
});
const doors = {
  chat: createChatHandler(container),
  goals: createGoalsHandler(container),
  goal: createGoalHandler(container),
  checkIns: createCheckInsHandler(container),
};
const json = { 'content-type': 'application/json' };
const send = (door: keyof typeof doors, method: string, body: object, params: Record<string, string> = {}) =>
  call(doors[door], { method, headers: json, body: { string: JSON.stringify(body) }, params });
const get = (door: keyof typeof doors, params: Record<string, string>, query: Record<string, string> = {}) =>
  call(doors[door], { method: 'GET', params, query });

beforeAll(() => container.warmUp());
afterAll(() => container.close());

describe('POST /api/chat', () => {
  test('answers in snake_case, with everything the contract names', async () => {
    const conversation_id = randomUUID();
    const { status, body } = await send('chat', 'POST', {
      user_id: 'ana',
      message: 'I want to work out three times a week',
      conversation_id,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      reply: 'Love it! Your new goal: work out (3 times a week).',
      personality: 'cheerleader',
      conversation_id,
      degraded: false,
      reason: null,
      tools_used: [
        {
          name: 'create_goal',
          ok: true,
          result: { outcome: 'created', goal: expect.objectContaining({ done_this_period: 0 }) },
        },
      ],
      memories_used: [],
      goals: [
        expect.objectContaining({
          title: 'work out',
          target: { count: 3, period: 'week' },
          streak: 0,
          next_due: expect.any(String),
        }),
      ],
      memory: { source: 'index', degraded: false, reason: null, as_of: expect.any(String), sync_lag_seconds: null },
      timings_ms: {
        ...{ recall: expect.any(Number), reply: expect.any(Number), keep: expect.any(Number) },
        total: expect.any(Number),
      },
    });
  });

  test('without a conversation a new one begins', async () => {
    const { body } = await send('chat', 'POST', { user_id: 'ben', message: 'Hello' });
    expect(body).toMatchObject({ conversation_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  test('speaks as the personality asked for', async () => {
    const { body } = await send('chat', 'POST', { user_id: 'cyd', message: 'Hello', personality: 'zen' });
    expect(body).toMatchObject({ personality: 'zen', reply: expect.stringContaining('Take a breath') });
  });

  test('says which fields do not fit, and keeps nothing', async () => {
    const { status, body } = await send('chat', 'POST', {
      user_id: 'dan dan',
      message: ' ',
      personality: 'clown',
      mood: 3,
    });
    expect(status).toBe(400);
    const { errors } = body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).sort()).toEqual(['message', 'mood', 'personality', 'user_id']);
  });
});

describe('goals and check-ins', () => {
  test('are listed, changed and paged', async () => {
    await send('chat', 'POST', { user_id: 'eve', message: 'I want to run twice a week' });
    for (const mood of [5, 6, 7]) await send('chat', 'POST', { user_id: 'eve', message: `mood ${mood}` });
    const listed = await get('goals', { user_id: 'eve' });
    expect(listed.body).toMatchObject({ goals: [{ title: 'run', status: 'active' }] });
    const [{ id }] = (listed.body as { goals: [{ id: string }] }).goals;

    const changed = await send('goal', 'PATCH', { status: 'done' }, { id });
    expect(changed).toMatchObject({ status: 200, body: { id, status: 'done', next_due: null } });
    expect((await get('goals', { user_id: 'eve' }, { status: 'active' })).body).toEqual({ goals: [] });

    const first = await get('checkIns', { user_id: 'eve' }, { limit: '2' });
    expect(first.body).toMatchObject({ check_ins: [{ mood: 7 }, { mood: 6 }], next_cursor: expect.any(String) });
    const { next_cursor: cursor } = first.body as { next_cursor: string };
    expect((await get('checkIns', { user_id: 'eve' }, { cursor })).body).toMatchObject({
      check_ins: [{ mood: 5 }],
      next_cursor: null,
    });
  });

  test('of somebody unknown are none', async () => {
    expect((await get('goals', { user_id: 'nobody' })).body).toEqual({ goals: [] });
    expect((await get('checkIns', { user_id: 'nobody' })).body).toEqual({ check_ins: [], next_cursor: null });
  });

  test.each<[string, () => ReturnType<typeof get>, number]>([
    ['an unknown goal', () => send('goal', 'PATCH', { status: 'done' }, { id: randomUUID() }), 404],
    ['an id that is none', () => send('goal', 'PATCH', { status: 'done' }, { id: 'x' }), 400],
    ['a change of nothing', () => send('goal', 'PATCH', {}, { id: randomUUID() }), 400],
    ['a status that is none', () => send('goal', 'PATCH', { status: 'paused' }, { id: randomUUID() }), 400],
    ['a title that is too long', () => send('goal', 'PATCH', { title: 'x'.repeat(201) }, { id: randomUUID() }), 400],
    ['a cursor that is none', () => get('checkIns', { user_id: 'eve' }, { cursor: 'x' }), 400],
    ['a limit that is none', () => get('checkIns', { user_id: 'eve' }, { limit: '0' }), 400],
    ['a status that is none, in a list', () => get('goals', { user_id: 'eve' }, { status: 'paused' }), 400],
  ])('%s is refused', async (_, request, status) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
