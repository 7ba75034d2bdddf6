import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContainer } from '../../shared/container';
import type { Embedding } from '../../shared/embedding/embedder';
import { createTopicService } from '../../shared/search/topic-service';
import { createLogger } from '../../shared/telemetry/logger';
import { freshHome } from '../support/home';

const text = 'My canary-8d1f sings';
const anEmbedding = (): Embedding => ({
  sentence: new Float32Array(384),
  tokens: { stems: [], values: new Int8Array() },
});

describe('the classifier service', () => {
  const asked: { method: string | undefined; body: unknown }[] = [];
  let answer: (response: ServerResponse) => void;
  const listener = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push({ method: request.method, body: JSON.parse(Buffer.concat(chunks).toString()) });
    answer(response);
  });
  let url: string;
  beforeAll(async () => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/topics`;
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(() => {
    listener.closeAllConnections();
    listener.close();
  });

  const lines: string[] = [];
  const open = (options: Partial<Parameters<typeof createTopicService>[0]> = {}) =>
    createTopicService({
      url,
      fallback: { classify: async () => 'by heuristic' },
      logger: createLogger('debug', (line) => lines.push(line)),
      ...options,
    });
  const say = (body: unknown, status = 200) => {
    answer = (response) => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  it.each([
    ['a label', { topic: 'birds' }, 'birds'],
    ['no label', { topic: null }, null],
    ['more than is asked for', { topic: 'birds', confidence: 0.4, model: { name: 'x' } }, 'birds'],
    ['a label of 64 characters', { topic: 'x'.repeat(64) }, 'x'.repeat(64)],
  ])('names the topic: %s', async (_, body, expected) => {
    say(body);
    expect(await open().classify(text, anEmbedding())).toBe(expected);
    expect(asked).toEqual([{ method: 'POST', body: { text } }]);
  });

  it('is asked once for a text', async () => {
    say({ topic: null });
    const topics = open();
    const embedding = anEmbedding();
    for (let i = 0; i < 3; i++) expect(await topics.classify(text, embedding)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it.each<[string, unknown, number]>([
    ['no JSON', '<html>Welcome</html>', 200],
    ['nothing', '', 200],
    ['no topic', { label: 'birds' }, 200],
    ['a number', { topic: 7 }, 200],
    ['an empty label', { topic: ' ' }, 200],
    ['a label of 65 characters', { topic: 'x'.repeat(65) }, 200],
    ['a list', [{ topic: 'birds' }], 200],
    ['an error', { topic: 'birds' }, 500],
    ['a refusal', { topic: 'birds' }, 403],
  ])('is passed over where it answers with %s', async (_, body, status) => {
    say(body, status);
    expect(await open().classify(text, anEmbedding())).toBe('by heuristic');
  });

  it('is passed over where it is slow', async () => {
    answer = () => undefined;
    const started = performance.now();
    expect(await open().classify(text, anEmbedding())).toBe('by heuristic');
    expect(performance.now() - started).toBeGreaterThanOrEqual(298);
  });

  it('is passed over where nobody listens', async () => {
    expect(await open({ url: 'http://127.0.0.1:1/' }).classify(text, anEmbedding())).toBe('by heuristic');
  });

  it('costs nothing after the first failures, and is asked again when it is back', async () => {
    const seen: string[] = [];
    let closed: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const onCircuit = (circuit: string) => {
      seen.push(circuit);
      if (circuit === 'closed') closed();
    };
    const topics = open({ policy: { breakAfter: 3, openMs: 1, onCircuit } });
    say('', 500);
    for (let i = 0; i < 3; i++) await topics.classify(text, anEmbedding());
    expect(seen).toEqual(['open']);
    say({ topic: 'birds' });
    asked.length = 0;
    while (asked.length === 0) {
      expect(await topics.classify(text, anEmbedding())).toBe('by heuristic');
      await new Promise(setImmediate);
    }
    await isBack;
    expect(await topics.classify(text, anEmbedding())).toBe('birds');
  });

  it('opens its circuit by itself after five failures', async () => {
    say('', 500);
    const topics = open();
    for (let i = 0; i < 8; i++) expect(await topics.classify(text, anEmbedding())).toBe('by heuristic');
    expect(asked).toHaveLength(5);
  });

  it('fails as the heuristic does where that has to answer', async () => {
    say('', 500);
    const fallback = { classify: () => Promise.reject(new Error('no model')) };
    await expect(open({ fallback }).classify(text, anEmbedding())).rejects.toThrow('no model');
  });

  it.each([
    ['true', ['warm up']],
    ['false', []],
  ])('is asked where USE_CLASSIFIER_SERVICE is %s: %j', async (isUsed, texts) => {
    say({ topic: 'birds' });
    const env = {
      KEEPSAKE_HOME: freshHome(),
      LOG_LEVEL: 'silent',
      USE_CLASSIFIER_SERVICE: isUsed,
      CLASSIFIER_URL: url,
    };
    const container = createContainer({ env });
    await container.warmUp();
    await container.close();
    expect(asked.map(({ body }) => body)).toEqual(texts.map((asked) => ({ text: asked })));
  });

  it('leaves nothing of a text in the log', () => {
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warn', event: 'classifier circuit', circuit: 'open' },
    ]);
  });
});
