import { setTimeout as wait } from 'node:timers/promises';
import { openChatModel, say } from '../support/chat-model';
import { createModelServer, type ModelServer } from '../support/model-server';

const turns = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'I want to run three times a week.' },
] as const;

describe('the chat model', () => {
  let server: ModelServer;
  let chat: ReturnType<typeof openChatModel>;
  beforeAll(async () => {
    server = await createModelServer();
    chat = openChatModel(server);
    await chat.open().warm();
  });
  beforeEach(() => {
    server.requests.length = 0;
    chat.lines.length = 0;
    chat.counted.length = 0;
    server.answer = () => ({ text: 'Good. Three times it is.' });
  });
  afterAll(async () => {
    await server.close();
    await chat.close();
  });
  const last = () => server.requests.at(-1)?.body;

  describe.each(['openai-compatible', 'azure'] as const)('%s', (provider) => {
    const settings = () => ({
      CHAT_PROVIDER: provider,
      CHAT_BASE_URL: provider === 'azure' ? server.azureUrl : server.url,
    });

    it('replies to what was said, by the rules it is given', async () => {
      const said = await say(chat.open({ settings: settings() }), chat.run(), [...turns]);
      expect(said).toMatchObject({ text: 'Good. Three times it is.', error: null });
      expect(said.events).toEqual(
        ['Good.', ' Three', ' times', ' it', ' is.'].map((text) => ({ type: 'token', text })),
      );
      expect(last()).toMatchObject({
        ...{ model: server.model, stream: true },
        messages: [{ role: 'system', content: 'You are a coach.' }, ...turns],
      });
      expect(chat.counted).toEqual(['model.reply']);
      expect(chat.lines.map((line) => JSON.parse(line))).toEqual([
        { level: 'debug', event: 'chat model', call: 'reply', steps: 1, duration_ms: expect.any(Number) },
      ]);
    });

    it('carries out tools in between, and goes on with what they gave', async () => {
      server.answer = ({ results }) =>
        results.length > 0
          ? { text: 'Done, run.' }
          : {
              text: 'One moment.',
              calls: [
                { name: 'create_goal', input: { title: 'run', target: { count: 3, period: 'week' } } },
                { name: 'list_goals', input: {} },
              ],
            };
      const run = chat.run(provider);
      const said = await say(chat.open({ settings: settings() }), run, [...turns]);
      expect(said).toMatchObject({ text: 'One moment.\n\nDone, run.', error: null });
      const kinds = said.events.map((event) => (event.type === 'tool' ? event.use.name : event.text));
      expect(kinds).toEqual(['One', ' moment.', 'create_goal', 'list_goals', '\n\nDone,', ' run.']);
      expect(run.used).toEqual(said.events.flatMap((event) => (event.type === 'tool' ? [event.use] : [])));
      expect(run.notes).toEqual([{ tool: 'create_goal', note: expect.objectContaining({ type: 'goal' }) }]);
      expect(server.requests[1]?.results).toEqual([
        { name: 'create_goal', result: expect.objectContaining({ goal: expect.objectContaining({ title: 'run' }) }) },
        { name: 'list_goals', result: { goals: [expect.objectContaining({ title: 'run', status: 'active' })] } },
      ]);
    });

    it('takes facts from an exchange', async () => {
      const facts = [
        { text: 'Lives in Lima.', type: 'fact', confidence: 0.9, replaces: [2] },
        { text: 'Likes tea.', type: 'preference', confidence: 0.5, replaces: [] },
      ];
      server.answer = () => ({ json: { facts } });
      const known = [
        { id: 'a', text: 'Likes coffee.' },
        { id: 'b', text: 'Lives in Quito.' },
      ];
      const request = { message: 'I moved to Lima', reply: 'How is it there?', at: new Date('2026-11-20'), known };
      const taken = await chat.open({ settings: settings() }).extract(request, new AbortController().signal);
      expect(taken).toEqual([
        { ...facts[0], replaces: ['b'] },
        { ...facts[1], replaces: [] },
      ]);
      expect(last().response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
      expect(chat.counted).toEqual(['model.extract']);
      expect(chat.tokens).toEqual({ 'model.input_tokens': 100, 'model.output_tokens': 20 });
    });

    it('ends the request where whoever asked is gone', async () => {
      server.answer = () => ({ text: 'One two three four', everyMs: 20 });
      const model = chat.open({ settings: settings(), policy: { breakAfter: 1 } });
      const leaving = new AbortController();
      const request = { system: '', turns: [...turns], tools: chat.run() };
      for await (const _ of model.reply(request, leaving.signal)) break;
      await server.requests[0]?.left;
      const said = say(model, chat.run(), [...turns], leaving.signal);
      while (!server.requests[1]?.firstTokenAt) await wait(1);
      leaving.abort();
      await server.requests[1].left;
      expect(await said).toMatchObject({ code: 'timeout' });
      expect(model.circuit()).toBe('closed');
      expect(chat.counted).toEqual([]);
      expect(chat.lines.filter((line) => !line.includes('"debug"'))).toEqual([]);
    });
  });

  it('says each word, and tells of each tool, as soon as it comes', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.answer = async ({ results }) => {
      if (results.length > 0) await held;
      return results.length > 0
        ? { text: 'Done.' }
        : { text: 'First', calls: [{ name: 'list_goals', input: {} }], everyMs: 20 };
    };
    const seen: [string, boolean][] = [];
    const request = { system: '', turns: [...turns], tools: chat.run() };
    for await (const { type } of chat.open().reply(request, new AbortController().signal)) {
      seen.push([type, server.requests[0]?.endedAt === null]);
      // Only now does the model begin its answer.
      if (type === 'tool') release();
    }
    expect(seen).toEqual([
      ['token', true],
      ['tool', false],
      ['token', false],
    ]);
  });

  it('tells the model what became of a call that failed, and which one is none', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    server.answer = ({ results }) =>
      results.length > 0
        ? { text: 'I could not.' }
        : {
            calls: [
              { name: 'update_goal', input: { goal_id: nobody, status: 'done' } },
              { name: 'send_money', input: { to: 'me' } },
              { name: 'create_goal', input: { title: '' } },
              { name: 'create_goal', input: '{"title":' },
            ],
          };
    const run = chat.run();
    const said = await say(chat.open(), run, [...turns]);
    expect(said).toMatchObject({ text: 'I could not.', error: null });
    expect(run.used).toEqual([{ name: 'update_goal', ok: false, result: { error: 'no_such_goal' } }]);
    expect(said.events[0]).toEqual({ type: 'tool', use: run.used[0] });
    const results = server.requests[1]?.results ?? [];
    expect(results.find(({ name }) => name === 'update_goal')?.result).toEqual({ error: 'no_such_goal' });
    expect(results.map(({ name }) => name).sort()).toEqual(['create_goal', 'create_goal', 'send_money', 'update_goal']);
  });

  it('takes five steps at most, the last one to answer', async () => {
    server.answer = ({ body }) =>
      body.tool_choice === 'none' ? { text: 'Enough.' } : { calls: [{ name: 'list_goals', input: {} }] };
    const run = chat.run();
    expect(await say(chat.open(), run, [...turns])).toMatchObject({ text: 'Enough.', error: null });
    expect(server.requests).toHaveLength(5);
    expect(run.used).toHaveLength(4);
    server.requests.length = 0;
    server.answer = () => ({ calls: [{ name: 'list_goals', input: {} }] });
    expect(await say(chat.open(), chat.run(), [...turns])).toMatchObject({ text: '', code: 'nonsense' });
    expect(server.requests).toHaveLength(5);
  });

  it('offers the tools with what they take, and no other', async () => {
    await say(chat.open(), chat.run(), [...turns]);
    const offered: { function: { name: string; parameters: object } }[] = last().tools;
    expect(offered.map((tool) => tool.function.name)).toEqual(chat.run().offered);
    expect(offered[0]?.function).toMatchObject({
      name: 'create_goal',
      parameters: { required: ['title', 'target'], additionalProperties: false },
    });
  });

  it('needs no key where the model asks for none', async () => {
    const { apiKey } = server;
    server.apiKey = '';
    expect(await say(chat.open({ settings: { CHAT_API_KEY: undefined } }), chat.run())).toMatchObject({ code: null });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    server.apiKey = apiKey;
  });

  it.each([
    ['none is set up', { CHAT_PROVIDER: 'none' as const }],
    ['CHAT_MODEL is missing', { CHAT_MODEL: undefined }],
    ['CHAT_BASE_URL is missing', { CHAT_BASE_URL: undefined }],
    ['Azure’s key is missing', { CHAT_PROVIDER: 'azure' as const, CHAT_API_KEY: undefined }],
  ])('is none where %s', (_, settings) => {
    expect(chat.create({ settings })).toBeNull();
  });
});
