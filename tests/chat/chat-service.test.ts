import { randomUUID } from 'node:crypto';
import type { ChatReply, ChatRequest } from '../../shared/chat/chat-contract';
import { createContainer } from '../../shared/container';
import type { Memory } from '../../shared/memory/memory';
import { createDeadline } from '../../shared/resilience/deadline';
import type { Fault } from '../support/faulty-provider';
import { freshHome } from '../support/home';
import { createTestService, nowhere } from '../support/service';
import { createUnreachableIndex } from '../support/unreachable-index';

type Container = ReturnType<typeof createContainer>;

const opened: Container[] = [];
const lines: string[] = [];
/** With time enough to recall on a busy machine. */
const open = (home: string) => {
  const container = createContainer({
    env: { KEEPSAKE_HOME: home, LOG_LEVEL: 'debug', RECALL_TIMEOUT_MS: '5000' },
    writeLog: (line) => lines.push(line),
  });
  opened.push(container);
  return container;
};
const close = async (container: Container) => {
  opened.splice(opened.indexOf(container), 1);
  await container.close();
};
const chat = (
  container: Container,
  userId: string,
  message: string,
  more: Partial<ChatRequest> = {},
): Promise<ChatReply> => container.chat().chat({ userId, message, ...more }, createDeadline(10_000));
const memoriesOf = async (container: Container, userId: string): Promise<Memory[]> => {
  const { value } = await container.memory().list(userId, { limit: 100, cursor: null }, createDeadline(5_000));
  return value?.items ?? [];
};
const toolNames = (reply: ChatReply) => reply.toolsUsed.map(({ name, ok }) => (ok ? name : `${name} failed`));

let shared: Container;
beforeAll(async () => {
  shared = open(freshHome());
  await shared.warmUp();
});
afterAll(async () => {
  for (const container of [...opened]) await close(container);
});

describe('a chat with memory', () => {
  test('the second chat refers to the first, in a new process too', async () => {
    const home = freshHome();
    const first = open(home);
    await first.warmUp();
    const told = await chat(first, 'ana', 'Hi, I am Ana and I want to work out three times a week');
    expect(toolNames(told)).toEqual(['set_preference', 'create_goal']);
    expect(told).toMatchObject({
      personality: 'cheerleader',
      memoriesUsed: [],
      memory: { degraded: false },
      goals: [{ title: 'work out' }],
    });
    await close(first);

    const second = open(home);
    await second.warmUp();
    const again = await chat(second, 'ana', 'Hello again');
    expect(again.reply).toMatch(/Ana/);
    expect(again.reply).toMatch(/Work out \(3 times a week\): 0 of 3 done this week/);
    const known = await chat(second, 'ana', 'What do you know about me?');
    expect(known.reply).toMatch(
      /Your name is Ana\..*Work out.*you said: “Hi, I am Ana and I want to work out three times a week”/,
    );
    expect(known.memoriesUsed?.map(({ text }) => text)).toContain(
      'Hi, I am Ana and I want to work out three times a week',
    );
  });

  test('a question is answered with what was said and when, and never with what was not', async () => {
    await chat(shared, 'ben', 'My sister Lucia moved to Lima in March');
    const answer = await chat(shared, 'ben', 'Where does my sister live?');
    expect(answer.reply).toContain('“My sister Lucia moved to Lima in March”');
    expect(answer.reply).toContain(String(new Date().getUTCFullYear()));
    const unknown = await chat(shared, 'ben', 'What is the name of my doctor?');
    expect(unknown.reply).toMatch(/^I have no note that says exactly that\. The closest one: .*Lucia/);
    expect((await chat(shared, 'nobody', 'Where does my sister live?')).reply).toBe('I have nothing noted about that.');
  });

  test('questions and what the coach noted itself are not quoted back', async () => {
    await chat(shared, 'cyd', 'Where is my green bicycle?');
    await chat(shared, 'cyd', 'My green bicycle is in the cellar');
    const { reply } = await chat(shared, 'cyd', 'Where is my green bicycle?');
    expect(reply.match(/green bicycle/g)).toHaveLength(1);
  });

  test('check-ins, what was done and how it went go to the goal they belong to', async () => {
    await chat(shared, 'dan', 'I want to run twice a week and I want to read every day');
    const done = await chat(shared, 'dan', 'Went for a run, mood 8, energy 6');
    expect(toolNames(done)).toEqual(['log_check_in']);
    expect(done.reply).toMatch(/1 of 2 done this week.*Logged: mood 8, energy 6\./);
    const { items } = await shared.goals().listCheckIns('dan', { limit: 10, cursor: null });
    const [run] = (done.goals ?? []).filter(({ title }) => title === 'run');
    expect(items).toEqual([expect.objectContaining({ goalId: run?.id, mood: 8, energy: 6 })]);
  });

  test('a preferred personality and time of day hold from then on', async () => {
    expect((await chat(shared, 'eve', 'I prefer the zen style')).personality).toBe('zen');
    await chat(shared, 'eve', 'morning motivation works for me');
    expect((await chat(shared, 'eve', 'I had soup today')).personality).toBe('zen');
    expect((await chat(shared, 'eve', 'I had bread today', { personality: 'taskmaster' })).personality).toBe(
      'taskmaster',
    );
    const soup = (await memoriesOf(shared, 'eve')).find(({ text }) => text.includes('soup'));
    expect(soup?.metadata).toMatchObject({
      type: 'conversation',
      effective_personality: 'zen',
      optimal_timing: 'morning',
    });
  });

  test('every kind of memory carries what the earlier system kept with it', async () => {
    const conversationId = randomUUID();
    await chat(shared, 'fay', 'I want to swim twice a week. Mood 7. I love hiking.', { conversationId });
    await chat(shared, 'fay', 'I prefer mornings. What are my goals?', { conversationId });
    const byType = Object.fromEntries(
      (await memoriesOf(shared, 'fay')).map(({ type, text, metadata, sessionId }) => [
        `${type} ${text}`,
        { metadata, sessionId },
      ]),
    );
    expect(byType).toMatchObject({
      'conversation I want to swim twice a week. Mood 7. I love hiking.': {
        sessionId: conversationId,
        metadata: { type: 'conversation' },
      },
      'goal Goal: swim, 2 times a week': {
        metadata: { type: 'goal', tool_used: 'create_goal', effective_personality: 'cheerleader' },
      },
      'check_in Check-in: mood 7': { metadata: { type: 'check_in', tool_used: 'log_check_in', mood: 7 } },
      'preference I love hiking.': { metadata: { type: 'preference', tool_used: 'remember' } },
      'preference I prefer mornings.': { metadata: { tool_used: 'set_preference', optimal_timing: 'morning' } },
      'tool_usage Used list_goals': { metadata: { type: 'tool_usage', tool_used: 'list_goals' } },
    });
  });

  test('a message of the same id gets the first reply and does nothing twice', async () => {
    const message = 'I want to cook twice a week. I feel 8/10.';
    const [first, second] = await Promise.all([
      chat(shared, 'gus', message, { messageId: 'm-1' }),
      chat(shared, 'gus', message, { messageId: 'm-1' }),
    ]);
    const third = await chat(shared, 'gus', message, { messageId: 'm-1' });
    expect(JSON.parse(JSON.stringify(second))).toEqual(JSON.parse(JSON.stringify(first)));
    expect(JSON.parse(JSON.stringify(third))).toEqual(JSON.parse(JSON.stringify(first)));
    expect((await memoriesOf(shared, 'gus')).map(({ type }) => type).sort()).toEqual([
      'check_in',
      'conversation',
      'goal',
    ]);
    expect(await shared.goals().list('gus')).toHaveLength(1);
    expect((await shared.goals().listCheckIns('gus', { limit: 10, cursor: null })).items).toHaveLength(1);
    const other = await chat(shared, 'hal', message, { messageId: 'm-1' });
    expect(other.conversationId).not.toBe(first?.conversationId);
  });

  test('nobody is told what others said', async () => {
    await chat(shared, 'ida', 'Remember that my locker is number 4711');
    const { reply, memoriesUsed } = await chat(shared, 'jon', 'What is the number of my locker?');
    expect(reply).not.toContain('4711');
    expect(memoriesUsed).toEqual([]);
  });

  test('Spanish is answered in Spanish', async () => {
    const { reply } = await chat(shared, 'kai', 'Hola, soy Kai y quiero correr tres veces por semana');
    expect(reply).toContain('correr (3 veces por semana)');
    expect((await chat(shared, 'kai', '¿Qué sabes de mí?')).reply).toMatch(
      /Te llamas Kai\..*Correr \(3 veces por semana\): 0 de 3 esta semana/,
    );
  });

  test('words of a person that look like placeholders stay as they are', async () => {
    const { reply } = await chat(shared, 'lea', 'My goal is to learn {name} and $& every day');
    expect(reply).toContain('earn {name} and $& (every day)');
  });

  test('long words full of emoji are cut between characters and replayed as they were', async () => {
    for (const [i, padding] of ['', 'x'].entries()) {
      const message = `My goal is to ${padding}${'🙂'.repeat(120)} every day and what I say goes on ${'🙂'.repeat(140)}`;
      const more = { messageId: `long ${i}` };
      const first = await chat(shared, 'ned', message, more);
      expect(first.toolsUsed).toMatchObject([{ name: 'create_goal', ok: true }]);
      const asked = { messageId: `about ${i}` };
      const told = await chat(shared, 'ned', 'What do you know about me?', asked);
      expect(Buffer.from(told.reply).toString()).toBe(told.reply);
      expect((await chat(shared, 'ned', 'What do you know about me?', asked)).timingsMs).toEqual(told.timingsMs);
    }
    expect((await memoriesOf(shared, 'ned')).filter(({ type }) => type === 'goal')).toHaveLength(2);
  });

  test('in a crisis every personality points to people who can help, and nothing else', async () => {
    const { reply, toolsUsed } = await chat(shared, 'mia', 'I want to kill myself every day', {
      personality: 'taskmaster',
    });
    expect(reply).toMatch(/emergency number/);
    expect(toolsUsed).toEqual([]);
  });
});

describe('a chat without memory', () => {
  const unreachable = "I can't reach my notes right now";

  test('index down: the provider answers, and the reply says that it is degraded', async () => {
    const service = createTestService({ index: createUnreachableIndex().index, env: { RECALL_TIMEOUT_MS: '5000' } });
    const { container } = service;
    await container.warmUp();
    await chat(container, 'ana', 'My locker is number 4711');
    const { reply, memory, memoriesUsed } = await chat(container, 'ana', 'What is the number of my locker?');
    expect(reply).toContain('4711');
    expect(memoriesUsed).toHaveLength(1);
    expect(memory).toMatchObject({ source: 'provider', degraded: true, reason: 'index_unreachable' });
    lines.push(...service.lines);
    await service.close();
  });

  test.each<[Fault, boolean, string]>([
    ['unavailable', false, 'provider_unavailable'],
    ['hangs', true, 'provider_timeout'],
  ])(
    '%s: a reply all the same, goals and check-ins as ever, and the messages wait in the outbox',
    async (fault, isSilent, reason) => {
      const { index, state } = createUnreachableIndex();
      state.isSilent = isSilent;
      const service = createTestService({ index, env: { RECALL_TIMEOUT_MS: '100' } });
      const { container, provider } = service;
      await container.warmUp();
      provider.fault = () => fault;
      const message = 'I want to work out twice a week. Mood 7, energy 5. I prefer the zen style.';
      const said = await chat(container, 'ana', message);
      expect(toolNames(said)).toEqual(['create_goal', 'log_check_in', 'set_preference']);
      expect(said.reply).toContain(unreachable);
      expect(said).toMatchObject({ personality: 'zen', memoriesUsed: null, goals: [{ title: 'work out' }] });
      expect(said.memory).toMatchObject({ source: 'none', degraded: true, reason });

      const known = await chat(container, 'ana', 'What do you know about me?');
      expect(known.reply).toContain('Work out (twice a week)');
      expect(known.reply).toContain(`“${message}”`);
      expect(known.memory).toMatchObject({ source: 'outbox', degraded: true, reason });
      const { reply } = await chat(container, 'new', 'What do you know about me?');
      expect(reply).toBe(`${unreachable}, so this is without them.`);

      state.isSilent = false;
      provider.fault = () => null;
      provider.release();
      service.clock.turn(3_600_000);
      await service.tick();
      expect((await memoriesOf(container, 'ana')).map(({ text }) => text)).toEqual(
        expect.arrayContaining([message, 'What do you know about me?']),
      );
      lines.push(...service.lines);
      await service.close();
    },
  );

  test('nothing can be kept: 503, and nothing was done', async () => {
    const service = createTestService({ env: { DATABASE_URL: nowhere } });
    service.provider.fault = () => 'unavailable';
    await expect(chat(service.container, 'ana', 'I want to work out twice a week')).rejects.toMatchObject({
      status: 503,
    });
    service.provider.fault = () => null;
    const said = await chat(service.container, 'ana', 'I want to work out twice a week');
    expect(toolNames(said)).toEqual(['create_goal failed']);
    expect(said.reply).toContain('I could not write that down just now');
    lines.push(...service.lines);
    await service.close();
  });
});

test('no log line carries what anybody said', () => {
  expect(lines.length).toBeGreaterThan(0);
  for (const words of ['Lucia', 'Lima', '4711', 'bicycle', 'work out', 'zen style', 'correr', 'locker', 'kill']) {
    expect(lines.filter((line) => line.includes(words))).toEqual([]);
  }
});
