import { createChatHandler } from '../../../functions/chat';
import { createSearchHandler } from '../../../functions/search';
import { createPreferences } from '../../../shared/chat/preferences';
import { createTranscript } from '../../../shared/chat/transcript';
import { createContainer } from '../../../shared/container';
import { createDatabase } from '../../../shared/database/client';
import { callJson, callStream } from '../../support/doors';
import { createTestClock } from '../../support/clock';
import { freshHome } from '../../support/home';
import { createModelServer, type ModelCall, type ModelServer } from '../../support/model-server';
import { aDeadline } from '../../support/service';
import { conversation, type ScriptedTurn } from './script';

const minute = 60_000;
const turns = conversation.flatMap((day) => day.turns);

/** The model's side of the script: its calls step by step, then its answer; and the facts, when it is asked for them. */
function play(turn: ScriptedTurn, call: ModelCall) {
  const { calls = [], facts = [], answers } = turn;
  if (call.body.response_format) {
    const told = call.body.messages
      .map(({ content }: { content: unknown }) => JSON.stringify(content))
      .join('\n')
      .replaceAll('\\n', '\n');
    const replaced = (word = '\0') => Number(new RegExp(`(\\d+)[.:)][^\\n]*${word}`).exec(told)?.[1]);
    const withNumbers = facts.map(({ replaces, ...fact }) => ({
      ...fact,
      replaces: replaces ? [replaced(replaces)] : [],
    }));
    return { json: { facts: withNumbers } };
  }
  const next = calls[call.results.length];
  if (!next) return { text: answers };
  return { calls: [{ name: next.name, input: typeof next.input === 'function' ? next.input(call) : next.input }] };
}

/** Says every line of the script, each when the work after the one before is done. */
async function converse(env: NodeJS.ProcessEnv, server?: ModelServer) {
  const clock = createTestClock(new Date(conversation[0]?.from ?? ''));
  const home = freshHome();
  const container = createContainer({
    env: { KEEPSAKE_HOME: home, RECALL_TIMEOUT_MS: '5000', LOG_LEVEL: 'silent', ...env },
    now: clock.now,
  });
  await container.warmUp();
  const door = createChatHandler(container);
  const replies: { turn: ScriptedTurn; reply: string; tools: string[]; tokens: string[] }[] = [];
  let userId = '';
  for (const { channel, from, turns } of conversation) {
    clock.turn(Date.parse(from) - clock.now().getTime());
    if (userId) await container.identity().link(userId, channel);
    for (const turn of turns) {
      if (server) server.answer = (call) => play(turn, call);
      const request = { channel, message: turn.says, conversation_id: `${channel.type} chat` };
      const { done, tokens } = server
        ? await callStream(door, request)
        : { done: (await callJson(door, request)).body, tokens: [] };
      const tools = done.tools_used.map(({ name, ok }: { name: string; ok: boolean }) =>
        ok ? name : `${name} failed`,
      );
      replies.push({ turn, reply: done.reply, tools, tokens });
      await container.idle();
      clock.turn(5 * minute);
    }
    userId = await container.identity().resolve(channel);
  }
  return { container, home, userId, replies };
}

type Conversed = Awaited<ReturnType<typeof converse>>;

describe.each(['a chat model', 'no model'])('forty messages over three days and two channels, with %s', (mode) => {
  let server: ModelServer | undefined;
  let said: Conversed;
  beforeAll(async () => {
    const model = mode === 'a chat model' ? await createModelServer() : undefined;
    server = model;
    const env = model && {
      ...{ CHAT_PROVIDER: 'openai-compatible', CHAT_BASE_URL: model.url, CHAT_API_KEY: model.apiKey },
      CHAT_MODEL: model.model,
    };
    said = await converse(env ?? {}, model);
  });
  afterAll(() => server?.close());

  it('uses the tools that each message is for', () => {
    expect(turns).toHaveLength(40);
    expect(said.replies.map(({ turn, tools }) => [turn.says, tools])).toEqual(
      turns.map(({ says, calls = [] }) => [says, calls.map(({ name }) => name)]),
    );
  });

  it('answers what the script says', () => {
    for (const { turn, reply, tokens } of said.replies) {
      if (server) {
        expect(reply).toBe(turn.answers);
        expect(tokens.join('')).toBe(reply);
        continue;
      }
      if (turn.coachSays) expect(reply).toMatch(turn.coachSays);
      if (turn.coachNeverSays) expect(reply).not.toMatch(turn.coachNeverSays);
    }
  });

  it('keeps goals with their streaks, and check-ins', async () => {
    const goals = await said.container.goals().list(said.userId);
    const byTitle = Object.fromEntries(goals.map((goal) => [goal.title, goal]));
    expect(Object.keys(byTitle).sort()).toEqual(['drink less coffee', 'read 20 pages', 'run']);
    expect(byTitle.run).toMatchObject({
      ...{ status: 'active', target: { count: 3, period: 'week' }, completed: 2, doneThisPeriod: 2 },
    });
    expect(byTitle['read 20 pages']).toMatchObject({ status: 'active', completed: 3, streak: 3, doneThisPeriod: 1 });
    expect(byTitle['drink less coffee']).toMatchObject({ status: 'dropped', target: null, completed: 0 });

    const { items } = await said.container.goals().listCheckIns(said.userId, { limit: 100, cursor: null });
    const titleOf = (id: string | null) => goals.find((goal) => goal.id === id)?.title ?? null;
    expect(items.map(({ goalId, mood, energy, at }) => [at.getUTCDate(), titleOf(goalId), mood, energy])).toEqual([
      [4, 'read 20 pages', null, null],
      [4, 'run', 9, 8],
      [3, 'read 20 pages', null, null],
      [3, null, 8, 8],
      [2, 'read 20 pages', null, null],
      [2, 'run', 7, 6],
    ]);
  });

  it.each([
    ['Where do I live?', /Lima/, /Madrid/],
    ['What is my favourite colour?', /blue/, /green/],
    ['What is my job?', /nurse/, undefined],
    ['Where does my sister live?', /Berlin/, undefined],
    ['What do I eat?', /vegetarian/, undefined],
  ])('finds the current fact for %s', async (query, current, past) => {
    const search = createSearchHandler(said.container);
    const { body } = await callJson(search, { user_id: said.userId, query, limit: 100 });
    const texts: string[] = body.results.map(({ text }: { text: string }) => text);
    const first = texts.findIndex((text) => current.test(text));
    expect(texts[first]).toMatch(current);
    expect(first).toBeLessThan(past ? 1 : 3);
    if (!past) return;
    const replaced = body.results.filter(({ text }: { text: string }) => past.test(text));
    expect(replaced.length).toBeGreaterThan(0);
    expect(texts.findIndex((text) => past.test(text))).toBeGreaterThan(first);
  });

  it('has forgotten what it was told to forget, and nothing else', async () => {
    const { value } = await said.container.memory().list(said.userId, { limit: 100, cursor: null }, aDeadline());
    const texts = value?.items.map(({ text }) => text).join('\n') ?? '';
    expect(texts).not.toMatch(/zebra|lawyer|divorce/);
    expect(texts).toMatch(/Lucia/);
  });

  it('leaves the same behind in the database', async () => {
    await said.container.close();
    const database = createDatabase({ home: said.home, url: undefined });
    expect(await createPreferences(database).all(said.userId)).toEqual({
      ...{ name: 'Maya', personality: 'zen', time_of_day: 'morning' },
    });
    const ofPerson = { userId: said.userId };
    const days = ['whatsapp chat', 'telegram chat', 'sms chat'].map((conversationId) =>
      createTranscript(database).recent({ conversationId, ...ofPerson }, 100),
    );
    const kept = (await Promise.all(days).finally(() => database.close())).map(({ turns }) => turns);
    expect(kept.map((day) => day.length)).toEqual([14, 13, 13]);
    const leaking = kept.flat().filter((turn) => /zebra|lawyer|divorce/.test(JSON.stringify(turn)));
    expect(leaking).toEqual([]);
    expect(kept.flat().every(({ extractedAt }) => extractedAt !== null)).toBe(true);
  });
});
