import { createChatHandler } from '../../functions/chat';
import { createContainer } from '../../shared/container';
import { callJson, callStream } from '../support/doors';
import { freshHome } from '../support/home';
import { createModelServer, type ModelServer } from '../support/model-server';
import type { ModelAnswer } from '../support/model-server-answers';
import { modelSettings } from '../support/model-settings';

/** Above the deadline of one second: what the coach and the storing may take on a busy machine. */
const mostMs = 5_000;

const faults: [name: string, answer: ModelAnswer, reason: RegExp][] = [
  ['is silent', { fault: 'silent' }, /timeout/],
  ['speaks too slowly', { text: 'One word and another one and so on and on.', everyMs: 400 }, /timeout/],
  ['hangs up', { fault: 'reset' }, /unavailable/],
  ['answers 500', { fault: 'status', status: 500 }, /unavailable/],
  ['answers 429', { fault: 'status', status: 429, retryAfterSeconds: 60 }, /unavailable/],
  ['does not know the key', { fault: 'status', status: 401 }, /unavailable|refused/],
  ['filters the message', { fault: 'status', status: 400, code: 'content_filter' }, /refused/],
  ['refuses', { refusal: 'I cannot talk about that.' }, /refused/],
  ['is a web page', { fault: 'html' }, /nonsense/],
  ['sends no JSON', { fault: 'no-json' }, /nonsense|unavailable/],
  ['sends no completion', { fault: 'no-completion' }, /nonsense/],
  ['says nothing', { text: '' }, /nonsense/],
  ['breaks off', { fault: 'half', text: 'I was just about' }, /nonsense|unavailable/],
  ['falls silent', { fault: 'stall', text: 'I was just about' }, /timeout/],
  ['never ends', { fault: 'endless', text: 'on and on ' }, /timeout|nonsense/],
  ['sends an error in the middle', { fault: 'error-chunk', text: 'I was just about' }, /nonsense|unavailable/],
];

describe('a chat whose model', () => {
  let model: ModelServer;
  let container: ReturnType<typeof createContainer>;
  let door: ReturnType<typeof createChatHandler>;
  beforeAll(async () => {
    model = await createModelServer();
    const env = {
      KEEPSAKE_HOME: freshHome(),
      RECALL_TIMEOUT_MS: '5000',
      LOG_LEVEL: 'silent',
      CHAT_TIMEOUT_SECONDS: '1',
    };
    container = createContainer({ env: { ...env, ...modelSettings(model) } });
    await container.warmUp();
    door = createChatHandler(container);
  });
  // A good answer in between keeps the circuit closed.
  beforeEach(async () => {
    model.answer = () => ({ text: 'Here I am.' });
    expect((await callJson(door, { user_id: 'calm', message: 'Hello' })).body.reply).toBe('Here I am.');
    await container.idle();
  });
  afterAll(async () => {
    await container.close();
    await model.close();
  });

  it.each(faults)('%s is stood in for by the coach, in time and with the reason', async (_, answer, reason) => {
    const userId = `ana-${faults.findIndex(([, each]) => each === answer)}`;
    model.answer = () => answer;
    const started = performance.now();
    const { status, body } = await callJson(door, { user_id: userId, message: 'I want to walk twice a week' });
    expect(performance.now() - started).toBeLessThan(mostMs);
    expect(status).toBe(200);
    expect(body).toMatchObject({ degraded: true, reason: expect.stringMatching(reason) });
    expect(body.reply).toMatch(/^(?:Yes! Walk|Love it!).*twice a week/);
    expect(body.tools_used).toMatchObject([{ name: 'create_goal', ok: true }]);
    expect(body.goals).toMatchObject([{ title: 'walk' }]);
  });

  it('breaks off while somebody reads leaves what was read, and the coach goes on', async () => {
    model.answer = () => ({ fault: 'stall', text: 'I was just about' });
    const { status, tokens, done } = await callStream(door, { user_id: 'reader', message: 'What are my goals?' });
    expect(status).toBe(200);
    expect(done).toMatchObject({ degraded: true, reason: 'model_timeout' });
    expect(done.reply).toMatch(/^I was.*\n\nYou have no active goals yet/);
    expect(tokens.join('')).toBe(done.reply);
  });

  it('breaks off after it used tools is followed by what they did, and nothing is done twice', async () => {
    const calls = [
      { name: 'create_goal', input: { title: 'swim in the lake', target: { count: 2, period: 'week' } } },
      { name: 'log_check_in', input: { mood: 7, energy: 6 } },
    ];
    model.answer = ({ results }) => (results.length ? { fault: 'silent' } : { calls });
    const request = { user_id: 'doer', message: 'I want to swim twice a week, mood 7, energy 6' };
    const { body } = await callJson(door, request);
    expect(body).toMatchObject({ degraded: true, reason: 'model_timeout' });
    expect(body.tools_used).toMatchObject([{ name: 'create_goal' }, { name: 'log_check_in' }]);
    expect(body.reply).toMatch(/[Ss]wim in the lake.*mood 7, energy 6/);
    expect(await container.goals().list('doer')).toHaveLength(1);
    expect((await container.goals().listCheckIns('doer', { limit: 9, cursor: null })).items).toHaveLength(1);
  });

  it('is never asked about somebody in danger', async () => {
    const before = model.requests.length;
    const { body } = await callJson(door, { user_id: 'low', message: 'I want to die' });
    expect(body).toMatchObject({ degraded: false, reply: expect.stringContaining('emergency number') });
    await container.idle();
    expect(model.requests.slice(before).filter(({ body: { stream } }) => stream)).toEqual([]);
  });

  it('has failed five times in a row is not asked for a while, and health says so', async () => {
    model.answer = () => ({ fault: 'status', status: 500 });
    for (let i = 0; i < 5; i++) await callJson(door, { user_id: 'unlucky', message: 'Hello' });
    await container.idle();
    const asked = model.requests.length;
    const { body } = await callJson(door, { user_id: 'unlucky', message: 'Hello again' });
    expect(body).toMatchObject({ degraded: true, reason: 'model_unavailable' });
    expect(model.requests.length).toBe(asked);
    const { chatModel, issues } = await container.health();
    expect(chatModel).toEqual({ circuit: 'open' });
    expect(issues).toContainEqual(expect.stringMatching(/chat model.*the coach answers/));
  });
});
