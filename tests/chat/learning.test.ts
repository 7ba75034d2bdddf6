import { randomUUID } from 'node:crypto';
import { type CheckIn, createGoals } from '../../shared/chat/goals';
import { createLearning, findBest, findPersonality, findTimeOfDay } from '../../shared/chat/learning';
import { createPreferences } from '../../shared/chat/preferences';
import type { ToolUse } from '../../shared/chat/tool-runner';
import { type AnsweredMessage, createToolUsage } from '../../shared/chat/tool-usage';
import type { TranscriptTurn } from '../../shared/chat/transcript';
import { understand } from '../../shared/chat/understand';
import { createDatabase } from '../../shared/database/client';
import { createRedaction } from '../../shared/redaction/redaction';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { nowhere } from '../support/service';

const clock = createTestClock();
const database = createDatabase({ home: freshHome(), url: undefined });
const redaction = createRedaction({ REDACT: 'secrets' });
const goals = createGoals(database, clock.now, redaction);
const preferences = createPreferences(database);
const learning = createLearning({ goals, preferences });
const usage = createToolUsage(database);
afterAll(() => database.close());

const aCheckIn = (more: Partial<CheckIn>): CheckIn => ({
  ...{ id: randomUUID(), goalId: null, mood: null, energy: null, note: null, personality: null, at: clock.now() },
  ...more,
});
const under = (personality: string | null, ...moods: number[]) => moods.map((mood) => aCheckIn({ personality, mood }));
const log = async (userId: string, checkIns: CheckIn[]) => {
  for (const checkIn of checkIns) {
    clock.turn(1000);
    await goals.logCheckIn(userId, { ...checkIn, at: clock.now() });
  }
};

describe('the coach under whom somebody does best', () => {
  test('leads by half a point over three check-ins of six', () => {
    const found = findPersonality([...under('zen', 8, 8, 7), ...under('taskmaster', 7, 7, 7.5)]);
    expect(found).toEqual({ value: 'zen', mean: expect.closeTo(7.67), checkIns: 3 });
  });

  test('mood and energy count alike, and one of them is enough', () => {
    const zen = [{ mood: 9, energy: 5 }, { energy: 7 }, { mood: 7 }].map((levels) =>
      aCheckIn({ personality: 'zen', ...levels }),
    );
    expect(findPersonality([...zen, ...under('strategist', 6, 6, 6)])).toMatchObject({ value: 'zen', mean: 7 });
  });

  test.each<[string, CheckIn[]]>([
    ['a lead that is too small', [...under('zen', 7, 7, 7), ...under('taskmaster', 7, 7, 6)]],
    ['two check-ins under the best', [...under('zen', 9, 9), ...under('taskmaster', 6, 6, 6, 6)]],
    ['five altogether', [...under('zen', 9, 9, 9), ...under('taskmaster', 5, 5)]],
    ['only one coach', under('zen', 9, 9, 9, 9, 9, 9, 9)],
    ['check-ins that name no coach', [...under('zen', 9, 9, 9), ...under(null, 5, 5, 5)]],
    ['a coach whom nobody knows', [...under('zen', 5, 5, 5), ...under('pirate', 9, 9, 9)]],
    ['check-ins that name neither mood nor energy', [1, 2, 3, 4, 5, 6].map(() => aCheckIn({ personality: 'zen' }))],
    ['none', []],
  ])('nothing is learnt from %s', (_, checkIns) => {
    expect(findPersonality(checkIns)).toBeNull();
  });
});

test('the best time of day is told from the hour, in UTC', () => {
  const at = (hour: number, mood: number) => aCheckIn({ mood, at: new Date(Date.UTC(2026, 2, 1, hour)) });
  expect(findTimeOfDay([at(5, 9), at(8, 9), at(11, 9), at(12, 5), at(17, 6), at(23, 5)])?.value).toBe('morning');
  expect(findTimeOfDay([at(22, 9), at(0, 9), at(4, 9), at(5, 5), at(12, 5), at(17, 5)])?.value).toBe('night');
  expect(findTimeOfDay([at(12, 9), at(16, 9), at(14, 9), at(17, 5), at(21, 5), at(8, 5)])?.value).toBe('afternoon');
  expect(findBest([at(12, 9)], () => null)).toBeNull();
});

describe('what is learnt', () => {
  const shown = () => [...under('taskmaster', 5, 5, 5), ...under('zen', 8, 8, 8)];

  test('becomes the preference, and is noted once', async () => {
    await log('ana', shown());
    expect(await learning.look('ana', clock.now())).toEqual([
      {
        type: 'preference',
        text: 'Works best with the zen coach: mood and energy 8.0 on average over 3 check-ins',
        metadata: { preference: 'personality', value: 'zen', source: 'learnt' },
      },
    ]);
    expect(await preferences.all('ana')).toEqual({ personality: 'zen' });
    await log('ana', under('zen', 9));
    expect(await learning.look('ana', clock.now())).toEqual([]);
  });

  test('changes with the person, and is noted again', async () => {
    await log('bea', shown());
    await learning.look('bea', clock.now());
    await log('bea', [...under('strategist', 10, 10, 10)]);
    expect(await learning.look('bea', clock.now())).toMatchObject([{ metadata: { value: 'strategist' } }]);
    expect(await preferences.all('bea')).toEqual({ personality: 'strategist' });
  });

  test('gives way to what the person said, before and after', async () => {
    await preferences.set('cat', 'personality', 'taskmaster', clock.now());
    await log('cat', shown());
    expect(await learning.look('cat', clock.now())).toEqual([]);
    expect(await preferences.all('cat')).toEqual({ personality: 'taskmaster' });

    await log('dan', shown());
    await learning.look('dan', clock.now());
    // Even where it was said before the check-in and arrives after it.
    await preferences.set('dan', 'personality', 'taskmaster', new Date(clock.now().getTime() - 60_000));
    expect(await preferences.all('dan')).toEqual({ personality: 'taskmaster' });
    expect(await learning.look('dan', clock.now())).toEqual([]);
  });

  test('is of one person alone', async () => {
    await log('eve', shown());
    expect(await learning.look('flo', clock.now())).toEqual([]);
    expect(await preferences.all('flo')).toEqual({});
  });

  test('with the database down nothing is learnt, and that is an error', async () => {
    const down = createDatabase({ home: undefined as never, url: nowhere });
    const deaf = createLearning({ goals: createGoals(down, clock.now, redaction), preferences });
    await expect(deaf.look('ana', clock.now())).rejects.toThrow();
    await down.close();
  });
});

describe('which tools help', () => {
  const use = (name: ToolUse['name'], ok = true): ToolUse => ({ name, ok, result: {} });
  const checkedIn = (checkIn: CheckIn): ToolUse => ({ name: 'log_check_in', ok: true, result: { checkIn } });
  const aTurn = (tools: ToolUse[]) => ({ at: clock.now(), tools }) as TranscriptTurn;
  const record = (userId: string, more: Partial<AnsweredMessage> & { message?: string }) => {
    const { message = 'I had soup', ...rest } = more;
    const understanding = understand(message, () => 'en');
    return usage.record({ userId, at: clock.now(), understanding, used: [], previous: null, ...rest });
  };

  test('each that worked is counted, once a message', async () => {
    await record('ana', { used: [use('list_goals'), use('list_goals'), use('remember', false)] });
    await record('ana', { used: [use('list_goals'), use('create_goal')] });
    expect(await usage.all('ana')).toEqual([
      { tool: 'list_goals', uses: 2, helped: 0 },
      { tool: 'create_goal', uses: 1, helped: 0 },
    ]);
    expect(await usage.all('bea')).toEqual([]);
  });

  test.each([
    ['Thanks!', 1],
    ['that really helped', 1],
    ['Eso me ayudó', 1],
    ['I had soup', 0],
  ])('after %j it has helped %i times', async (message, helped) => {
    const person = `cat ${message}`;
    const used = [use('list_goals')];
    await record(person, { used });
    await record(person, { message, previous: aTurn(used) });
    expect(await usage.all(person)).toEqual([{ tool: 'list_goals', uses: 1, helped }]);
  });

  test('a check-in above the mean of three others says that it helped; one below, or too early to tell, does not', async () => {
    const used = [use('list_goals')];
    const checkIn = async (mood: number) => {
      const [logged] = under(null, mood);
      if (!logged) return;
      await record('gil', { used });
      await log('gil', [logged]);
      await record('gil', { used: [checkedIn(logged)], previous: aTurn(used) });
    };
    const helped = async () => (await usage.all('gil')).find(({ tool }) => tool === 'list_goals')?.helped;
    for (const mood of [5, 6, 7]) await checkIn(mood);
    expect(await helped()).toBe(0);
    await checkIn(6);
    expect(await helped()).toBe(0);
    await checkIn(7);
    expect(await helped()).toBe(1);
  });

  test('thanks a day later are for something else', async () => {
    const used = [use('list_goals')];
    await record('eve', { used });
    const previous = aTurn(used);
    clock.turn(86_400_000);
    await record('eve', { message: 'Thanks!', previous });
    expect(await usage.all('eve')).toEqual([{ tool: 'list_goals', uses: 1, helped: 0 }]);
  });
});
