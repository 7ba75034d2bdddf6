import { createChatHandler } from '../../functions/chat';
import { createContainer } from '../../shared/container';
import { callJson, callStream } from '../support/doors';
import { freshHome } from '../support/home';
import { createModelServer, type ModelServer } from '../support/model-server';
import { modelSettings } from '../support/model-settings';

const fifty = Array.from({ length: 50 }, (_, i) => ({ userId: `person-${i}`, canary: `canary${1000 + i}` }));
const canariesIn = (value: unknown) => [...new Set(JSON.stringify(value).match(/canary\d{4}/g) ?? [])];

describe.each(['a chat model', 'no model'] as const)('fifty people who chat at the same time, with %s', (mode) => {
  let model: ModelServer | undefined;
  let container: ReturnType<typeof createContainer>;
  let door: ReturnType<typeof createChatHandler>;
  beforeAll(async () => {
    model = mode === 'a chat model' ? await createModelServer() : undefined;
    // It tells everything that it was told.
    if (model) model.answer = ({ body }) => ({ text: `I know ${canariesIn(body.messages).join(' and ')}.` });
    const env = {
      KEEPSAKE_HOME: freshHome(),
      RECALL_TIMEOUT_MS: '20000',
      CHAT_TIMEOUT_SECONDS: '60',
      LOG_LEVEL: 'silent',
    };
    container = createContainer({ env: { ...env, ...(model && modelSettings(model)) } });
    await container.warmUp();
    door = createChatHandler(container);
  });
  afterAll(async () => {
    await container.close();
    await model?.close();
  });

  /** All in conversations of the same name, every other one as a stream. */
  const sayAll = (message: (canary: string) => string) =>
    Promise.all(
      fifty.map(async ({ userId, canary }, i) => {
        const request = { user_id: userId, message: message(canary), conversation_id: 'chat', message_id: message('') };
        const reply = i % 2 ? (await callStream(door, request)).done : (await callJson(door, request)).body;
        return { canary, reply };
      }),
    );

  it('each get their own facts back, and nobody else’s', async () => {
    await sayAll((canary) => `My code word is ${canary}`);
    const answers = await sayAll(() => 'What is my code word?');
    for (const { canary, reply } of answers) {
      expect(reply).toMatchObject({ degraded: false });
      expect(canariesIn(reply)).toEqual([canary]);
      expect(canariesIn(reply.reply)).toEqual([canary]);
    }
  });
});
