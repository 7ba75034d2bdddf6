import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ModelError } from '../../shared/chat/model-contract';
import { openChatModel, say } from '../support/chat-model';
import { createModelServer, type ModelServer } from '../support/model-server';
import type { ModelAnswer } from '../support/model-server-answers';

const timeoutMs = 250;
/** What a reply may take beyond its time on a busy machine. */
const slackMs = 1_000;
const canary = 'canary-8d1f';

describe('where the chat model fails', () => {
  let server: ModelServer;
  let chat: ReturnType<typeof openChatModel>;
  beforeAll(async () => {
    server = await createModelServer();
    chat = openChatModel(server);
    await chat.open().warm();
  });
  beforeEach(() => {
    server.requests.length = 0;
    chat.counted.length = 0;
  });
  afterAll(async () => {
    await server.close();
    await chat.close();
  });
  const hasty = { CHAT_TIMEOUT_SECONDS: timeoutMs / 1000 };
  const facts = { message: `I live in ${canary}`, reply: 'Nice', at: new Date(), known: [{ id: 'a', text: canary }] };

  describe.each<[string, ModelAnswer, string, { text?: string; calls: number; extract?: string | null }]>([
    ['is silent', { fault: 'silent' }, 'timeout', { calls: 1 }],
    ['falls silent', { fault: 'stall' }, 'timeout', { calls: 1, text: 'One two' }],
    ['is too slow', { text: 'Late.', firstMs: 10_000 }, 'timeout', { calls: 1 }],
    ['slows down', { text: 'One two', everyMs: 10_000 }, 'timeout', { calls: 1, text: 'One', extract: 'nonsense' }],
    ['resets the connection', { fault: 'reset' }, 'unavailable', { calls: 2 }],
    ['breaks off', { fault: 'half' }, 'unavailable', { calls: 1, text: 'One two' }],
    [
      'breaks off with an error',
      { fault: 'error-chunk' },
      'unavailable',
      { calls: 1, text: 'One two', extract: 'nonsense' },
    ],
    ['is overloaded', { fault: 'status', status: 503 }, 'unavailable', { calls: 2 }],
    ['limits the rate', { fault: 'status', status: 429 }, 'unavailable', { calls: 2 }],
    [
      'limits the rate for a minute',
      { fault: 'status', status: 429, retryAfterSeconds: 60 },
      'unavailable',
      { calls: 1 },
    ],
    ['is a web page', { fault: 'html' }, 'nonsense', { calls: 1 }],
    ['answers with no JSON', { fault: 'no-json' }, 'nonsense', { calls: 1 }],
    ['answers with something else', { fault: 'no-completion' }, 'nonsense', { calls: 1 }],
    ['says nothing', { text: '' }, 'nonsense', { calls: 1 }],
    ['says too much', { text: 'x'.repeat(8_001) }, 'nonsense', { calls: 1 }],
    ['filters the question', { fault: 'status', status: 400, code: 'content_filter' }, 'refused', { calls: 1 }],
    [
      'filters its answer',
      { text: 'One', finish: 'content_filter' },
      'refused',
      { calls: 1, text: 'One', extract: 'nonsense' },
    ],
    ['refuses', { refusal: 'I cannot help with that.' }, 'refused', { calls: 1, extract: 'nonsense' }],
    ['does not take the request', { fault: 'status', status: 400 }, 'refused', { calls: 1 }],
  ])('because it %s', (_, answer, code, { text = '', calls, extract = code }) => {
    const settings = code === 'timeout' ? hasty : {};

    it('a reply ends in time, with what was said until then', async () => {
      server.answer = () => answer;
      const azure = { ...settings, CHAT_PROVIDER: 'azure' as const, CHAT_BASE_URL: server.azureUrl };
      const models = [chat.open({ settings }), chat.open({ settings: azure })];
      for (const said of await Promise.all(models.map((model) => say(model, chat.run())))) {
        expect(said).toMatchObject({ code, error: expect.any(ModelError) });
        expect(said.text.trim()).toBe(text.trim());
        expect(said.tookMs).toBeLessThan(timeoutMs + slackMs);
      }
      expect(server.requests).toHaveLength(2 * calls);
      expect(chat.counted).toEqual([`model.${code}`, `model.${code}`]);
    });

    it('so do the facts', async () => {
      server.answer = () => answer;
      const taken = chat.open({ settings }).extract(facts, new AbortController().signal);
      await expect(taken).rejects.toMatchObject({ name: 'ModelError', code: extract });
    });
  });

  it('an endless reply ends in time, and its request with it', async () => {
    server.answer = () => ({ fault: 'endless' });
    const model = chat.open({ settings: hasty });
    const said = await say(model, chat.run());
    expect(['timeout', 'nonsense']).toContain(said.code);
    expect(said.tookMs).toBeLessThan(timeoutMs + slackMs);
    await server.requests[0]?.left;
    const taken = model.extract(facts, new AbortController().signal);
    await expect(taken).rejects.toMatchObject({ name: 'ModelError' });
    await server.requests[1]?.left;
  });

  it('a tool that hangs holds up a reply no longer than the model may', async () => {
    server.answer = () => ({ calls: [{ name: 'list_goals', input: {} }] });
    const tools = { ...chat.run(), use: () => new Promise<never>(() => undefined) };
    const said = await say(chat.open({ settings: hasty }), tools);
    expect(said).toMatchObject({ code: 'timeout', text: '' });
    expect(said.tookMs).toBeLessThan(timeoutMs + slackMs);
  });

  it('nothing is asked for somebody who is gone', async () => {
    const model = chat.open();
    expect(await say(model, chat.run(), undefined, AbortSignal.abort())).toMatchObject({ code: 'timeout' });
    const taken = model.extract(facts, AbortSignal.abort());
    await expect(taken).rejects.toMatchObject({ name: 'ModelError', code: 'timeout' });
    expect([server.requests, chat.counted]).toEqual([[], []]);
  });

  it('a key is not carried elsewhere', async () => {
    const elsewhere = createServer((_, response) =>
      response.writeHead(307, { location: `${server.url}/chat/completions` }).end(),
    );
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    const model = chat.open({ settings: { CHAT_BASE_URL: `http://127.0.0.1:${port}` } });
    expect(await say(model, chat.run())).toMatchObject({ error: expect.any(ModelError), text: '' });
    expect(server.requests).toEqual([]);
    elsewhere.closeAllConnections();
    elsewhere.close();
  });

  it('a wrong key is a refusal', async () => {
    for (const CHAT_PROVIDER of ['openai-compatible', 'azure'] as const) {
      const CHAT_BASE_URL = CHAT_PROVIDER === 'azure' ? server.azureUrl : server.url;
      const model = chat.open({ settings: { CHAT_PROVIDER, CHAT_BASE_URL, CHAT_API_KEY: 'sk-wrong' } });
      expect(await say(model, chat.run())).toMatchObject({ code: 'refused', text: '' });
    }
    expect(server.requests).toEqual([]);
  });

  it('nobody listens', async () => {
    await server.close();
    expect(await say(chat.open(), chat.run())).toMatchObject({ code: 'unavailable', text: '' });
    await server.reopen();
  });

  it.each<[string, ModelAnswer]>([
    ['a reset', { fault: 'reset' }],
    ['an error', { fault: 'status', status: 500 }],
    ['a rate limit', { fault: 'status', status: 429, retryAfterSeconds: 0 }],
  ])('asks once more after %s, in the middle of a reply too', async (_, fault) => {
    const answers: ModelAnswer[] = [fault, { calls: [{ name: 'list_goals', input: {} }] }, fault, { text: 'There.' }];
    server.answer = () => answers.shift() ?? { fault: 'silent' };
    const run = chat.run();
    expect(await say(chat.open(), run)).toMatchObject({ text: 'There.', code: null });
    expect(run.used).toHaveLength(1);
    expect(server.requests).toHaveLength(4);
  });

  it('asks nobody for a while after five failures, and again once the model answers', async () => {
    const seen: string[] = [];
    let closed: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const onCircuit = (circuit: string) => {
      seen.push(circuit);
      if (circuit === 'closed') closed();
    };
    const model = chat.open({ policy: { openMs: 1, maxRetries: 0, onCircuit } });
    server.answer = () => ({ fault: 'half' });
    for (let i = 0; i < 5; i++) expect(await say(model, chat.run())).toMatchObject({ code: 'unavailable' });
    expect([model.circuit(), seen]).toEqual(['open', ['open']]);
    server.answer = () => ({ text: 'Back.' });
    server.requests.length = 0;
    while (server.requests.length === 0) {
      // Nobody waits for the call that finds out.
      expect(await say(model, chat.run())).toMatchObject({ code: 'unavailable' });
      await new Promise(setImmediate);
    }
    await isBack;
    expect(await say(model, chat.run())).toMatchObject({ text: 'Back.', code: null });
  });

  it('is told apart by its circuit: silence opens it, refusals and nonsense of the model do not', async () => {
    const fail = async (answer: ModelAnswer) => {
      server.answer = () => answer;
      const model = chat.open({ settings: hasty, policy: { breakAfter: 2, fairMs: 0 } });
      for (let i = 0; i < 2; i++) await say(model, chat.run());
      return model;
    };
    for (const fault of ['silent', 'stall'] as const) {
      const model = await fail({ fault });
      while (model.circuit() !== 'open') await wait(1);
    }
    const alive = [
      { fault: 'status', status: 400 },
      { fault: 'status', status: 429 },
      { refusal: 'No.' },
      { text: '' },
    ];
    for (const answer of alive as ModelAnswer[]) expect((await fail(answer)).circuit()).toBe('closed');
  });

  it('leaves neither key nor words in the log or in an error', async () => {
    const told: unknown[] = [...chat.lines];
    for (const answer of [{ fault: 'status', status: 500 }, { fault: 'html' }, { fault: 'half' }] as ModelAnswer[]) {
      server.answer = () => answer;
      told.push(inspect((await say(chat.open(), chat.run())).error, { depth: 20, showHidden: true }));
    }
    const all = told.join('\n');
    expect(all).toContain('chat model: unavailable');
    for (const secret of [server.apiKey, canary, 'You are a coach', 'sk-wrong', '<html>'])
      expect(all).not.toContain(secret);
  });
});
