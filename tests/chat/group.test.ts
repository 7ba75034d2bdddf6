import { createChatHandler } from '../../functions/chat';
import { createContainer } from '../../shared/container';
import { callJson, callStream } from '../support/doors';
import { freshHome } from '../support/home';
import { createModelServer, type ModelServer } from '../support/model-server';
import { modelSettings } from '../support/model-settings';
import { aDeadline } from '../support/service';

const ana = { type: 'whatsapp', address: '+51 987 654 321' };
const ben = { type: 'whatsapp', address: '+51 912 345 678' };
const stranger = { type: 'whatsapp', address: '+51 955 555 555' };

describe('a group', () => {
  let model: ModelServer;
  let container: ReturnType<typeof createContainer>;
  let door: ReturnType<typeof createChatHandler>;
  beforeAll(async () => {
    model = await createModelServer();
    const env = { KEEPSAKE_HOME: freshHome(), RECALL_TIMEOUT_MS: '20000', LOG_LEVEL: 'silent' };
    container = createContainer({ env: { ...env, ...modelSettings(model) } });
    await container.warmUp();
    door = createChatHandler(container);
    await callJson(door, { channel: ana, message: 'My diary is hidden in the attic', conversation_id: 'private' });
    await say(ana, 'I am bringing the salad');
  });
  afterAll(async () => {
    await container.close();
    await model.close();
  });

  const inGroup = (sender: object, message: string) => ({
    ...{ sender, participants: [ana, ben], message, conversation_id: 'picnic' },
  });
  const say = async (sender: object, message: string) => (await callJson(door, inGroup(sender, message))).body;
  const memoriesOf = async (channel: typeof ana) => {
    const userId = await container.identity().resolve(channel as never);
    const { value } = await container.memory().list(userId, { limit: 100, cursor: null }, aDeadline());
    return value?.items.map(({ text }) => text) ?? [];
  };

  it('reads what was said in it, and nobody’s memory but the sender’s', async () => {
    await say(ben, 'Who brings the salad?');
    const { body } = model.requests.findLast(({ said }) => said.includes('Who brings')) ?? { body: {} };
    const told = JSON.stringify(body.messages);
    expect(told).toContain('[Another participant] I am bringing the salad');
    expect(told).not.toMatch(/diary|attic/);
  });

  it('keeps each one’s words with that one alone', async () => {
    expect(await memoriesOf(ben)).toEqual(['Who brings the salad?']);
    expect((await memoriesOf(ana)).sort()).toEqual(['I am bringing the salad', 'My diary is hidden in the attic']);
  });

  it('is no way into the private conversation of somebody in it, nor out of it', async () => {
    await callJson(door, { channel: ana, message: 'Where was I?', conversation_id: 'picnic' });
    const { body } = model.requests.findLast(({ said }) => said.includes('Where was I')) ?? { body: {} };
    expect(body.messages.map(({ content }: { content: string }) => content).slice(1)).toEqual(['Where was I?']);
  });

  it('answers somebody whom nobody knows without any memory, and keeps nothing of them', async () => {
    const asked = model.requests.length;
    const reply = await say(stranger, 'Where is the diary?');
    expect(reply).toMatchObject({
      reply: expect.stringContaining('do not know who is writing'),
      memories_used: null,
      tools_used: [],
      memory: { source: 'none', reason: 'unknown_sender' },
    });
    expect(model.requests.length).toBe(asked);
    expect(await memoriesOf(stranger)).toEqual([]);
    const { tokens, done } = await callStream(door, inGroup(stranger, 'Where is the diary?'));
    expect(tokens.join('')).toBe(done.reply);
  });
});
