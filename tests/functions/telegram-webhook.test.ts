import { createTelegramWebhookHandler } from '../../functions/telegram-webhook';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { aDeadline, createTestService, nowhere } from '../support/service';
import { telegramRequest, telegramUpdate, webhookSecrets } from '../support/webhooks';

describe("Telegram's webhook", () => {
  const { container, close } = createTestService({ env: { ...webhookSecrets, RECALL_TIMEOUT_MS: '5000' } });
  const handler = createTelegramWebhookHandler(container);
  let messages = 100;
  const from = (id: number, chat: object = { id, type: 'private' }) => ({ from: { id, is_bot: false }, chat });
  const say = (message: object) =>
    call(handler, telegramRequest(telegramUpdate({ message_id: ++messages, ...message })));
  const memories = async (id: number) => {
    const person = await container.identity().find({ type: 'telegram', address: String(id) });
    if (!person) return null;
    const { value } = await container.memory().list(person.userId, { limit: 100, cursor: null }, aDeadline());
    return value?.items.map(({ text }) => text);
  };
  beforeAll(() => container.warmUp());
  afterAll(close);

  it('answers in its own response, and remembers', async () => {
    const answer = await say({ ...from(1001), text: 'My locker is number 12.' });
    expect(answer).toMatchObject({
      status: 200,
      body: { method: 'sendMessage', chat_id: 1001, text: expect.any(String) },
    });
    const { body } = await say({ ...from(1001), text: 'Which locker do I have?' });
    expect(body).toMatchObject({ text: expect.stringContaining('number 12') });
  });

  it('gives a message that comes again the first answer, and keeps it once', async () => {
    const again = { ...from(1002), text: 'My bike is blue.', message_id: 7 };
    const first = await say(again);
    expect((await say(again)).body).toEqual(first.body);
    expect(await memories(1002)).toEqual(['My bike is blue.']);
  });

  it('keeps what is said in a group with the one who said it', async () => {
    const group = { id: -100_500, type: 'supergroup' };
    const { body } = await say({ ...from(1003, group), text: 'My bike is red.' });
    await say({ ...from(1004, group), text: 'My bike is green.' });
    expect(body).toMatchObject({ chat_id: -100_500, reply_parameters: { message_id: messages - 1 } });
    expect(await memories(1003)).toEqual(['My bike is red.']);
    expect(await memories(1004)).toEqual(['My bike is green.']);
  });

  it('says of a voice note that it cannot read it, and keeps nothing', async () => {
    const { body } = await say({ ...from(1005), voice: { file_id: 'x' } });
    expect(body).toMatchObject({ text: expect.stringContaining('only read text') });
    expect(await memories(1005)).toBeNull();
  });

  it('takes what is no message, and says nothing', async () => {
    const { message } = telegramUpdate({ ...from(1006), text: 'I like tea.' });
    for (const update of [{ update_id: 1, edited_message: message }, { update_id: 2 }, { update_id: 3, poll: {} }])
      expect(await call(handler, telegramRequest(update))).toMatchObject({ status: 200, body: '' });
    expect(await memories(1006)).toBeNull();
  });

  it('refuses what is no JSON', async () => {
    const request = { ...telegramRequest({}), body: { string: '{"update_id":' } };
    expect(await call(handler, request)).toMatchObject({ status: 400 });
  });

  it.each([
    ['is not there where no token is set', {}, 404],
    ['asks to come again where the database cannot be reached', webhookSecrets, 503],
  ])('%s', async (_, env, status) => {
    const services = createContainer({ env: { ...env, DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
    const request = telegramRequest(telegramUpdate({ text: 'Hello' }));
    expect((await call(createTelegramWebhookHandler(services), request)).status).toBe(status);
    await services.close();
  });
});
