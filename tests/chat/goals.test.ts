import { randomUUID } from 'node:crypto';
import { createGoals } from '../../shared/chat/goals';
import { createPreferences } from '../../shared/chat/preferences';
import { createDatabase } from '../../shared/database/client';
import { createRedaction } from '../../shared/redaction/redaction';
import { freshHome } from '../support/home';

const database = createDatabase({ home: freshHome(), url: undefined });
const redaction = createRedaction({ REDACT: 'secrets' });
let now = new Date('2026-11-18T12:00:00Z');
const goals = createGoals(database, () => now, redaction);
const weekly = { count: 3, period: 'week' } as const;
const create = (userId: string, title: string, id: string = randomUUID()) =>
  goals.create({ id, userId, title, target: weekly });
const checkIn = (goalId: string | null, at = now, id: string = randomUUID()) => ({
  id,
  goalId,
  mood: 7,
  energy: null,
  note: null,
  personality: null,
  at,
});

beforeEach(() => {
  now = new Date('2026-11-18T12:00:00Z');
});
afterAll(() => database.close());

describe('goals', () => {
  test('a goal is created once for an id and listed with its progress', async () => {
    const id = randomUUID();
    await create('ana', 'work out', id);
    const again = await create('ana', 'work out', id);
    expect(again.outcome).toBe('created');
    await goals.logCheckIn('ana', checkIn(id));
    expect(await goals.list('ana')).toEqual([
      {
        ...{ id, title: 'work out', target: weekly, status: 'active', completed: 1, doneThisPeriod: 1, streak: 0 },
        nextDue: new Date('2026-11-23T00:00:00Z'),
        createdAt: now,
        updatedAt: now,
      },
    ]);
  });

  test('the same title again is the same goal, with the new target if there is one', async () => {
    const first = await create('ben', 'Read');
    const same = await create('ben', 'read');
    expect(same).toEqual({ goal: first.goal, outcome: 'existed' });
    const changed = await goals.create({
      id: randomUUID(),
      userId: 'ben',
      title: 'read',
      target: { count: 1, period: 'day' },
    });
    expect(changed).toMatchObject({
      outcome: 'changed',
      goal: { id: first.goal.id, target: { count: 1, period: 'day' } },
    });
    expect(await goals.list('ben')).toHaveLength(1);
  });

  test('a goal that is done is not due, and may be set anew', async () => {
    const { goal } = await create('cyd', 'swim');
    now = new Date('2026-11-19T12:00:00Z');
    expect(await goals.update(goal.id, { status: 'done', title: 'Swim!' })).toMatchObject({
      title: 'Swim!',
      nextDue: null,
      updatedAt: now,
    });
    expect(await goals.list('cyd', 'active')).toEqual([]);
    expect((await create('cyd', 'swim')).outcome).toBe('created');
  });

  test('nobody sees, changes or logs for the goals of others', async () => {
    const { goal } = await create('dan', 'run');
    expect(await goals.list('eve')).toEqual([]);
    expect(await goals.update(goal.id, { status: 'done' }, 'eve')).toBeNull();
    expect(await goals.logCheckIn('eve', checkIn(goal.id))).toBeNull();
    expect(await goals.list('dan', 'active')).toMatchObject([{ completed: 0 }]);
  });

  test('an unknown goal is null', async () => {
    expect(await goals.update(randomUUID(), { status: 'done' })).toBeNull();
    expect(await goals.logCheckIn('dan', checkIn(randomUUID()))).toBeNull();
  });
});

describe('check-ins', () => {
  test('come in pages, newest first, each once, even at the same moment', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 18, 9, Math.floor(minute / 2)));
    const ids = Array.from({ length: 7 }, () => randomUUID());
    for (const [i, id] of ids.entries()) await goals.logCheckIn('fay', checkIn(null, at(i), id));
    await goals.logCheckIn('fay', checkIn(null, at(0), ids[0]));
    await goals.logCheckIn('gus', checkIn(null));
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await goals.listCheckIns('fay', { limit: 3, cursor });
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(seen.map(({ at }) => at.getTime())).toEqual(seen.map(({ at }) => at.getTime()).sort((a, b) => b - a));
  });

  test.each(['x', Buffer.from('["a","b"]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'a cursor that no page gave is refused: %s',
    async (cursor) => {
      await expect(goals.listCheckIns('fay', { limit: 3, cursor })).rejects.toMatchObject({
        status: 400,
        errors: [{ path: 'cursor' }],
      });
    },
  );
});

test('the newest preference holds, whatever order they arrive in', async () => {
  const preferences = createPreferences(database);
  const later = new Date(now.getTime() + 1);
  await preferences.set('ana', 'personality', 'zen', later);
  await preferences.set('ana', 'personality', 'taskmaster', now);
  await preferences.set('ben', 'time_of_day', 'morning', now);
  expect(await preferences.all('ana')).toEqual({ personality: 'zen' });
  expect(await preferences.all('nobody')).toEqual({});
});
