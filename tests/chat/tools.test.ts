import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findPersonality } from '../../shared/chat/personalities/list';
import { createPreferences } from '../../shared/chat/preferences';
import type { ToolUse } from '../../shared/chat/tool-runner';
import { createTools } from '../../shared/chat/tools';
import { createDatabase } from '../../shared/database/client';
import { createTerms } from '../../shared/embedding/terms';
import { createConversations } from '../support/conversation';
import { createTestService, nowhere } from '../support/service';

const service = createTestService();
const conversations = createConversations(service);
const { say, texts, coach, tools, preferences } = conversations;
beforeAll(() => service.container.warmUp());
afterAll(async () => {
  await conversations.close();
  await service.close();
});
afterEach(() => {
  service.provider.fault = () => null;
});

test('every tool tells a chat model when to use it and what it gives, and takes an object', () => {
  for (const { description, input } of Object.values(tools)) {
    expect(description).toMatch(/\b(when|once)\b/i);
    expect(description).toMatch(/\bGives\b|Lists|Sums up/);
    expect(z.toJSONSchema(input, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false });
  }
});

describe('search_memory', () => {
  test('gives dated memories, best first, of that person alone', async () => {
    const { at } = await say('ana', 'My locker is number 4711');
    await say('ana', 'My boat is called Otter');
    const { run } = await say('ana', 'hm', (used) =>
      used.use('search_memory', { query: 'number of the locker', limit: 1 }),
    );
    expect(run.used[0]?.result).toEqual({
      memories: [{ id: expect.any(String), text: 'My locker is number 4711', type: 'conversation', createdAt: at }],
    });
    const other = await say('bea', 'hm', (used) => used.use('search_memory', { query: 'number of the locker' }));
    expect(other.run.used[0]?.result).toEqual({ memories: [] });
  });
});

describe('a correction', () => {
  test('is kept in the words of the person, and what was told is taken back', async () => {
    await say('cat', 'I live in Rome');
    expect((await say('cat', 'Where do I live?')).reply).toContain('“I live in Rome”');
    const { reply, run } = await say('cat', "that's wrong, I moved to Lima");
    expect(reply).toMatch(/you said: “I live in Rome”\. I take that back\. Now noted: “I moved to Lima”\./);
    expect(run.notes).toEqual([{ tool: 'remember', note: { type: 'fact', text: 'I moved to Lima' } }]);
    expect(await texts('cat')).toContain('I moved to Lima');
  });

  test('where nothing was told there is nothing to take back', async () => {
    expect((await say('dan', 'no, I live in Lima now')).reply).toBe('Now noted: “I live in Lima now”.');
    expect((await say('dan', "that's wrong")).reply).toMatch(/Tell me what is right/);
    expect((await say('dan', 'No, ahora vivo en Cusco')).reply).toBe('Queda anotado: «ahora vivo en Cusco».');
  });

  test('provider down: it is kept in the outbox all the same', async () => {
    service.provider.fault = () => 'unavailable';
    expect((await say('eve', "that's wrong, I moved to Lima")).reply).toBe('Now noted: “I moved to Lima”.');
    service.provider.fault = () => null;
    service.clock.turn(3_600_000);
    await service.tick();
    expect(await texts('eve')).toContain('I moved to Lima');
  });
});

test('what is known about something is told, and nothing else', async () => {
  await say('flo', 'My sister lives in Lima');
  await say('flo', 'I know how to sail');
  expect((await say('flo', 'What do you know about my sister?')).reply).toMatch(/“My sister lives in Lima”\.$/);
  expect((await say('flo', '¿Qué sabes de mi hermana?')).reply).not.toMatch(/te llamas/i);
});

describe('a check-in', () => {
  const checkIns = async (userId: string) => {
    for (const [personality, mood] of [
      ['taskmaster', 4],
      ['taskmaster', 5],
      ['taskmaster', 4],
      ['zen', 8],
      ['zen', 8],
    ] as const) {
      service.clock.turn(86_400_000);
      const levels = { goalId: null, energy: null, note: null, mood, personality };
      await service.container.goals().logCheckIn(userId, { id: randomUUID(), ...levels, at: service.clock.now() });
    }
  };

  test('that shows who works best settles it, notes it, and that coach speaks from then on', async () => {
    await checkIns('gus');
    await preferences.set('gus', 'personality', 'zen', service.clock.now(), 'learnt');
    await say('gus', 'hello');
    await preferences.set('gus', 'personality', 'cheerleader', service.clock.now(), 'learnt');
    const { run } = await say('gus', 'mood 9');
    expect(run.notes).toMatchObject([
      { tool: 'log_check_in', note: { type: 'check_in' } },
      { note: { text: 'Works best with the zen coach: mood and energy 8.3 on average over 3 check-ins' } },
    ]);
    expect(await preferences.all('gus')).toEqual({ personality: 'zen' });
    expect((await say('gus', 'mood 9')).run.notes).toHaveLength(1);
    expect((await say('gus', 'What do you know about me?')).reply).toContain('The zen coach works for you.');
  });

  test('is logged where nothing can be learnt', async () => {
    const down = createDatabase({ home: '', url: nowhere });
    const { transcript, logger } = conversations;
    const broken = createTools({
      ...{ transcript, logger, preferences: createPreferences(down), terms: createTerms('auto') },
      ...{ goals: service.container.goals(), memory: service.container.memory() },
      brainTools: service.container.brainTools(),
    });
    await checkIns('hal');
    service.clock.turn(1000);
    const given = { userId: 'hal', at: service.clock.now(), personality: 'zen', newId: randomUUID };
    const { result, notes } = await broken.log_check_in.run({ mood: 9, days_ago: 0 }, given as never);
    expect(result.checkIn.mood).toBe(9);
    expect(notes).toHaveLength(1);
    expect((await service.container.goals().listCheckIns('hal', { limit: 1, cursor: null })).items).toMatchObject([
      { mood: 9 },
    ]);
    await down.close();
  });
});

describe('what tools did, told from their results', () => {
  const zen = findPersonality('zen');
  const tell = (used: ToolUse[], language: 'en' | 'es' = 'en') =>
    zen ? coach.summarise(used, language, zen) : 'no zen';

  test('goals, check-ins, preferences, facts and questions, each as the coach says it', async () => {
    const { run } = await say('ida', 'hm', async (used) => {
      await used.use('create_goal', { title: 'swim', target: { count: 2, period: 'week' } });
      await used.use('log_check_in', { mood: 8 });
      await used.use('set_preference', { name: 'name', value: 'Ida', words: 'I am Ida' });
      await used.use('remember', { text: 'My boat is called Otter', type: 'fact' });
      await used.use('forget_memory', { about: 'boat' });
    });
    const told = tell(run.used);
    expect(told).toMatch(
      /swim \(twice a week\).*Logged: mood 8\..*Your name is Ida\. I will remember that\. I have nothing noted about that/i,
    );
    expect(tell(run.used, 'es')).toMatch(/swim \(2 veces por semana\).*Registrado: ánimo 8\..*Te llamas Ida\./i);
    expect(run.used).toHaveLength(5);
  });

  test('what failed is said, but not where it worked later', () => {
    const failed: ToolUse = { name: 'create_goal', ok: false, result: { error: 'unavailable' } };
    expect(tell([failed, failed])).toBe('I could not write that down just now; please tell me again a little later.');
    expect(tell([{ name: 'forget_memory', ok: false, result: { error: 'memory_unreachable' } }])).toMatch(
      /nothing was forgotten/,
    );
    expect(tell([{ name: 'search_memory', ok: true, result: { memories: null } }])).toMatch(/can't reach my notes/);
    const worked: ToolUse = { name: 'remember', ok: true, result: { text: 'x', type: 'fact' } };
    expect(tell([{ ...worked, ok: false, result: { error: 'bad_input' } }, worked])).toBe('I will remember that.');
    expect(tell([])).toBe('');
  });
});
