import path from 'node:path';
import { startHost } from '../../local/host';
import { loadFunctions } from '../../local/load-functions';
import { createLogger } from '../../shared/telemetry/logger';
import { readEvents } from '../support/doors';
import { startFunctionsHost } from '../support/functions-host';
import { freshHome } from '../support/home';
import { createModelServer, type ModelServer } from '../support/model-server';
import { modelSettings } from '../support/model-settings';

const folder = path.join(__dirname, '../../functions');
let model: ModelServer;
const before = { ...process.env };

beforeAll(async () => {
  model = await createModelServer();
  // The functions are the registered ones, with their own container.
  Object.assign(process.env, modelSettings(model), { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent' });
});
afterAll(async () => {
  const { container } = require('../../shared/container') as typeof import('../../shared/container');
  await container.close();
  await model.close();
  process.env = before;
});

describe.each(['the local host', 'the Functions host'])('a chat that streams through %s', (name) => {
  let host: { url: string; close(): Promise<unknown> };
  beforeAll(async () => {
    const logger = createLogger('silent');
    host =
      name === 'the local host'
        ? await startHost(folder, { host: '127.0.0.1', port: 0, logger })
        : await startFunctionsHost(loadFunctions(folder));
    await say('Hello', 'application/json');
  });
  afterAll(() => host?.close());

  const say = (message: string, accept: string, more: object = {}, signal?: AbortSignal) =>
    fetch(`${host.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ user_id: 'ana', message, ...more }),
      signal: signal ?? null,
    });
  const streamed = 'text/event-stream';

  it('sends tokens while the model is still speaking, and the whole reply at the end', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    model.answer = () => ({ text: 'One word after the other comes.', everyMs: 1, held });
    const response = await say('Tell me something slowly', streamed);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = response.body?.getReader();
    const first = Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(first).toMatch(/^event: token\ndata: \{"text":"/);
    // The latest request may be for the facts of the chat before.
    const asked = model.requests.findLast(({ said }) => said.includes('something slowly'));
    expect(asked).toMatchObject({ endedAt: null });
    release();
    let rest = '';
    for (let next = await reader?.read(); !next?.done; next = await reader?.read()) {
      rest += Buffer.from(next?.value ?? []).toString();
    }
    const events = readEvents(first + rest);
    const tokens = events.filter(({ event }) => event === 'token').map(({ data }) => data.text);
    expect(tokens.length).toBeGreaterThan(3);
    expect(tokens.join('')).toBe('One word after the other comes.');
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { reply: 'One word after the other comes.' } });
  });

  it('sends each tool as it was used', async () => {
    model.answer = ({ results }) =>
      results.length
        ? { text: 'Walking it is.' }
        : { calls: [{ name: 'create_goal', input: { title: `walk ${name}`, target: null } }] };
    const response = await say(`I want to walk for ${name}`, streamed);
    const events = readEvents(await response.text());
    expect(events[0]).toMatchObject({ event: 'tool', data: { name: 'create_goal', ok: true } });
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { tools_used: [{ name: 'create_goal', ok: true }] } });
  });

  it('answers JSON to whom asks for it, and a problem with its status to who sends rubbish', async () => {
    model.answer = () => ({ text: 'Hello Ana.' });
    const response = await say('Hello', 'application/json');
    expect(await response.json()).toMatchObject({ reply: 'Hello Ana.' });
    const refused = await say('Hello', streamed, { messages: 1 });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ path: 'messages' }] });
  });

  it('stops the model when the client leaves, and keeps what the person said', async () => {
    const secret = `saxophone of ${name}`;
    model.answer = () => ({ text: 'And so on and on and on and on.', everyMs: 1_000 });
    const leaving = new AbortController();
    const response = await say(`I play the ${secret}`, streamed, {}, leaving.signal);
    await response.body?.getReader().read();
    const call = model.requests.findLast(({ said }) => said.includes(secret));
    leaving.abort();
    await call?.left;
    expect(call?.hasLeft).toBe(true);
    model.answer = () => ({ text: 'Yes.' });
    const { memories_used } = (await (await say('What do I play?', 'application/json')).json()) as {
      memories_used: { text: string }[];
    };
    expect(memories_used.map(({ text }) => text)).toContain(`I play the ${secret}`);
  });
});
