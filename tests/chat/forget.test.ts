import type { Forgotten } from '../../shared/chat/forget-tool';
import { createConversations } from '../support/conversation';
import { aDeadline, createTestService } from '../support/service';
import { createUnreachableIndex } from '../support/unreachable-index';

const open = (options: Parameters<typeof createTestService>[0] = {}) => {
  const service = createTestService(options);
  return { ...service, ...createConversations(service), closeService: service.close };
};

let home: ReturnType<typeof open>;
let say: ReturnType<typeof open>['say'];
let texts: ReturnType<typeof open>['texts'];
beforeAll(async () => {
  home = open();
  ({ say, texts } = home);
  await home.container.warmUp();
});
afterAll(async () => {
  await home.close();
  await home.closeService();
});
afterEach(() => {
  home.provider.fault = () => null;
  home.provider.release();
});

const found = async (userId: string, query: string) => {
  const { value } = await home.container.memory().recall({ userId, query, limit: 20 }, aDeadline());
  return value?.map(({ memory }) => memory.text) ?? null;
};
const turnsOf = async (userId: string) => (await home.transcript.recent({ userId, conversationId: userId }, 100)).turns;

describe('forget that', () => {
  test('takes away all that the message before left: its words, its notes, and its turn', async () => {
    await say('ana', 'My locker is number 4711');
    await say('ana', 'Remember that my PIN is 1234. Mood 7.');
    const { reply, run } = await say('ana', 'forget that');
    expect(reply).toMatch(/^I forgot 3 notes\. Goals, check-ins and what I call you stay/);
    expect(run.used).toEqual([
      { name: 'forget_memory', ok: true, result: { forgotten: 3, queued: 0, failed: 0, left: 0 } },
    ]);
    const left = await texts('ana');
    expect(left).toContain('My locker is number 4711');
    expect(left.join()).not.toMatch(/1234|mood 7/);
    expect((await found('ana', 'PIN'))?.join()).not.toContain('1234');
    expect(JSON.stringify(await turnsOf('ana'))).not.toContain('1234');
    expect((await home.container.goals().listCheckIns('ana', { limit: 5, cursor: null })).items).toHaveLength(1);
  });

  test('with nothing said before, nothing is forgotten', async () => {
    expect((await say('bea', 'forget that')).reply).toMatch(/nothing to forget/);
  });

  test('where "that" may be what the message itself said, it asks first', async () => {
    await say('cat', 'My boat is called Otter');
    expect((await say('cat', 'My PIN is 1234. Forget that.')).reply).toMatch(/for good\? Answer yes or no/);
    expect(await texts('cat')).toContain('My boat is called Otter');
  });

  test.each(['forget it', 'I forgot my keys', 'no olvides mi cumpleaños'])('%s: forgets nothing', async (message) => {
    const person = `border-${message.length}`;
    await say(person, 'My boat is called Otter');
    expect((await say(person, message)).run.used).toEqual([]);
    expect(await texts(person)).toContain('My boat is called Otter');
  });
});

describe('forget everything about something', () => {
  test('asks, and after a yes all of it is gone: from memory, from the turns, and from what was told of it', async () => {
    await say('dan', 'My sister Lucia moved to Lima');
    await say('dan', 'In Lima I once lost a red umbrella');
    await say('dan', 'My boat is called Otter');
    expect((await say('dan', 'Where does my sister live?')).reply).toContain('Lima');
    const asked = await say('dan', 'forget everything about Lima');
    expect(asked.reply).toMatch(
      /^I have 2 notes to forget, “.*(Lucia|umbrella).*”\. Shall I forget them for good\? Answer yes or no\. Goals, check-ins/,
    );
    expect(asked.run.pending).toMatchObject({ about: 'Lima', memoryIds: [expect.any(String), expect.any(String)] });
    expect((await texts('dan')).join()).toContain('Lucia');

    const { reply } = await say('dan', 'Yes, please!');
    expect(reply).toMatch(/^I forgot 2 notes\./);
    const left = await texts('dan');
    expect(left.join()).not.toContain('Lima');
    expect(left).toContain('My boat is called Otter');
    expect(JSON.stringify(await turnsOf('dan'))).not.toMatch(/Lima|umbrella/);
    expect((await say('dan', 'What do you know about Lima?')).reply).not.toMatch(/Lucia|umbrella/);
  });

  test.each(['no', 'what a nice day', 'yes, but keep the boat'])('after "%s" nothing is forgotten', async (answer) => {
    const person = `eve-${answer.length}`;
    await say(person, 'My boat is called Otter');
    await say(person, 'forget everything about my boat');
    const { reply } = await say(person, answer);
    if (answer === 'no') expect(reply).toBe('All right, I forget nothing.');
    expect((await say(person, 'yes')).run.used).toEqual([]);
    expect(await texts(person)).toContain('My boat is called Otter');
  });

  test('in Spanish it asks and answers in Spanish', async () => {
    await say('flo', 'Mi hermana vive en Lima');
    expect((await say('flo', 'olvida todo sobre Lima')).reply).toMatch(
      /^Tengo 1 nota por olvidar, «Mi hermana.*sí o no/,
    );
    expect((await say('flo', 'sí')).reply).toMatch(/^Olvidé 1 nota\./);
    expect((await texts('flo')).join()).not.toContain('Lima');
  });

  test('what nothing is known of is said to be that, and a yes to it does nothing', async () => {
    await say('gus', 'My boat is called Otter');
    const { reply, run } = await say('gus', 'forget everything about Madrid');
    expect(reply).toMatch(/nothing to forget/);
    expect(run.pending).toBeNull();
  });

  test('two requests in one message are one question', async () => {
    await say('hal', 'My boat is called Otter');
    await say('hal', 'My knee hurts on stairs');
    const { run } = await say('hal', 'Forget everything about my boat. Forget everything about my knee.');
    expect(run.pending?.memoryIds).toHaveLength(2);
    await say('hal', 'yes');
    expect((await texts('hal')).join()).not.toMatch(/boat|knee/);
  });
});

test('forget everything: asks, goes through all pages, and leaves goals, check-ins and other people alone', async () => {
  const memory = home.container.memory();
  await say('ida', 'I want to swim twice a week, mood 8');
  await say('jon', 'My boat is called Otter');
  const toUtterance = (_: unknown, i: number) => ({
    role: 'user' as const,
    name: null,
    content: `Fact ${i}`,
    at: null,
  });
  const utterances = Array.from({ length: 105 }, toUtterance);
  await memory.add({ userId: 'ida', utterances, infer: false }, aDeadline());
  const { reply, run } = await say('ida', 'Forget everything you know about me.');
  expect(reply).toMatch(/^I have 108 notes to forget, for example/);
  expect(run.pending?.memoryIds).toHaveLength(108);
  expect((await say('ida', 'yes')).reply).toMatch(/^I forgot 108 notes\. Goals, check-ins and what I call you stay/);
  expect(await texts('ida')).toEqual(['yes']);
  expect(await home.container.goals().list('ida')).toHaveLength(1);
  expect((await texts('jon')).join()).toContain('Otter');
}, 60_000);

describe('a chat model', () => {
  test('forgets nothing by itself: neither by confirming, nor the last message', async () => {
    await say('kai', 'My boat is called Otter');
    const { run } = await say('kai', 'What a nice day', async (tools) => {
      await tools.use('forget_memory', { confirm: true });
      await tools.use('forget_memory', { what: 'last' });
      await tools.use('forget_memory', { confirm: true });
    });
    expect(run.used.map(({ ok, result }) => (ok ? result : (result as { error: string }).error))).toEqual([
      'not_confirmed',
      { asked: 1, examples: ['My boat is called Otter'] },
      'not_confirmed',
    ]);
    expect(run.pending).toMatchObject({ about: 'last' });
    const { run: next } = await say('kai', 'and a nice evening', (tools) =>
      tools.use('forget_memory', { confirm: true }),
    );
    expect(next.used).toEqual([{ name: 'forget_memory', ok: false, result: { error: 'not_confirmed' } }]);
    expect(await texts('kai')).toContain('My boat is called Otter');
  });

  test('forgets what the person said yes to', async () => {
    await say('lea', 'My boat is called Otter');
    await say('lea', 'Would you lose that about the boat?', (tools) => tools.use('forget_memory', { about: 'boat' }));
    const { run } = await say('lea', 'yes', (tools) => tools.use('forget_memory', { confirm: true }));
    expect(run.used[0]?.result).toMatchObject({ forgotten: 1 });
    expect((await texts('lea')).join()).not.toContain('boat');
  });

  test('is told what does not fit, and nothing is done', async () => {
    const misfits = [
      {},
      { what: 'last', about: 'x' },
      { what: 'some' },
      { about: '' },
      { confirm: false },
      { id: 'x' },
    ];
    const { run } = await say('moe', 'hello', async (tools) => {
      for (const input of misfits) await tools.use('forget_memory', input as never);
      await tools.use('log_check_in', { mood: 11 });
    });
    expect(run.used.filter(({ ok }) => ok)).toEqual([]);
    expect(run.used.map(({ result }) => (result as { fields: string[] }).fields[0])).toEqual([
      'Give exactly one of what, about and confirm.',
      'Give exactly one of what, about and confirm.',
      expect.stringMatching(/^what: /),
      expect.stringMatching(/^about: /),
      expect.stringMatching(/^confirm: /),
      expect.stringMatching(/"id"/),
      expect.stringMatching(/^mood: /),
    ]);
  });
});

describe('when something is down', () => {
  test('provider: what is deleted queues, and the reply says so; once it is back it is gone there, too', async () => {
    await say('ned', 'My boat is called Otter');
    await say('ned', 'forget everything about my boat');
    home.provider.fault = () => 'unavailable';
    const { reply, run } = await say('ned', 'yes');
    expect(run.used[0]?.result).toMatchObject({ forgotten: 1, queued: 1, failed: 0 } satisfies Partial<Forgotten>);
    expect(reply).toMatch(/^I forgot 1 note\. .*The copies in my long-term store follow once I reach it\./);
    expect((await found('ned', 'boat'))?.join()).not.toContain('Otter');
    home.provider.fault = () => null;
    home.clock.turn(3_600_000);
    await home.tick();
    expect((await texts('ned')).join()).not.toContain('boat');
  });

  test('provider, while all is asked to be forgotten: it cannot look, and asks nothing', async () => {
    await say('oda', 'My boat is called Otter');
    home.provider.fault = () => 'unavailable';
    const { reply, run } = await say('oda', 'forget everything');
    expect(reply).toBe('I could not do that just now, so nothing was forgotten; please ask me again a little later.');
    expect(run.used).toEqual([{ name: 'forget_memory', ok: false, result: { error: 'memory_unreachable' } }]);
    expect(run.pending).toBeNull();
  });

  test('the index: the provider is looked through instead; the provider, too: it says that it cannot look', async () => {
    const down = open({ index: createUnreachableIndex().index });
    await down.container.warmUp();
    await down.say('pia', 'My knee hurts on stairs');
    await down.say('pia', 'forget everything about my knee');
    down.provider.fault = () => 'unavailable';
    const failed = await down.say('pia', 'yes');
    expect(failed.run.used[0]?.result).toEqual({ forgotten: 0, queued: 0, failed: 1, left: 1 });
    expect(failed.reply).toMatch(/^1 note could not be forgotten just now\. Shall I go on\? Answer yes or no\./);
    down.provider.fault = () => null;
    // The request itself could not be looked up with the rest: it is found now, and asked about.
    expect((await down.say('pia', 'yes')).reply).toMatch(/^I forgot 1 note\..*1 note more to go\. Shall I go on\?/);
    expect((await down.say('pia', 'yes')).run.used[0]?.result).toMatchObject({ forgotten: 1, failed: 0, left: 0 });
    await down.say('pia', 'My boat is called Otter');

    down.provider.fault = () => 'unavailable';
    for (const message of ['forget everything about my boat', 'forget that']) {
      const { reply, run } = await down.say('pia', message);
      expect(reply).toMatch(/^I could not do that just now, so nothing was forgotten/);
      expect(run.pending).toBeNull();
    }
    down.provider.fault = () => null;
    down.clock.turn(3_600_000);
    await down.tick();
    expect(await down.texts('pia')).toContain('My boat is called Otter');
    expect((await down.texts('pia')).join()).not.toContain('knee');
    await down.close();
    await down.closeService();
  });
});

test('no log line carries what anybody said', () => {
  expect(home.lines.length).toBeGreaterThan(0);
  expect(home.lines.filter((line) => /Otter|Lima|1234|boat/.test(line))).toEqual([]);
});
