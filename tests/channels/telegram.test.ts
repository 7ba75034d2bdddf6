import { toSendMessage, toTelegramMessage } from '../../shared/channels/telegram';
import { telegramUpdate } from '../support/webhooks';

const group = { chat: { id: -100_200_300, type: 'supergroup', title: 'Runners' } };

describe('an update of Telegram', () => {
  it('is a message of the one who wrote it', () => {
    expect(toTelegramMessage(telegramUpdate({ text: 'Hello', message_id: 7 }))).toEqual({
      sender: { type: 'telegram', address: '5550101' },
      conversationId: 'telegram',
      isGroup: false,
      messageId: 'telegram:5550101:7',
      text: 'Hello',
      chatId: 5_550_101,
    });
  });

  it.each(['group', 'supergroup'])('of a %s has a conversation of its own, and is answered by name', (type) => {
    const message = toTelegramMessage(
      telegramUpdate({ chat: { id: -100_200_300, type }, text: 'Hello', message_id: 8 }),
    );
    expect(message).toMatchObject({
      ...{ conversationId: 'telegram:-100200300', isGroup: true, messageId: 'telegram:-100200300:8' },
      sender: { address: '5550101' },
    });
    expect(message && toSendMessage(message, 'Hi')).toEqual({
      ...{ method: 'sendMessage', chat_id: -100_200_300, text: 'Hi' },
      reply_parameters: { message_id: 8, allow_sending_without_reply: true },
    });
  });

  it('is read by its caption where it is a picture, and has no text where there is none', () => {
    const photo = [{ file_id: 'x' }];
    expect(toTelegramMessage(telegramUpdate({ photo, caption: 'My dog' }))).toMatchObject({ text: 'My dog' });
    expect(toTelegramMessage(telegramUpdate({ photo }))).toMatchObject({ text: null });
    expect(toTelegramMessage(telegramUpdate({ voice: { file_id: 'x' } }))).toMatchObject({ text: null });
  });

  it.each(['/start', '/start@keepsake_bot', '/start from-the-website'])('is a greeting where it is %s', (text) => {
    expect(toTelegramMessage(telegramUpdate({ text }))).toMatchObject({ text: 'Hello' });
    expect(toTelegramMessage(telegramUpdate({ text: `${text.slice(0, 6)}ing` }))).toMatchObject({ text: '/starting' });
  });

  it.each([
    [
      'an edit',
      { ...telegramUpdate({ text: 'x' }), message: undefined, edited_message: telegramUpdate({ text: 'x' }).message },
    ],
    ['a post of a channel', { update_id: 1, channel_post: telegramUpdate({ text: 'x' }).message }],
    ['a vote', { update_id: 1, poll: { id: '1' } }],
    ['somebody who joins', telegramUpdate({ ...group, new_chat_members: [{ id: 2 }] })],
    ['a picture without words in a group', telegramUpdate({ ...group, photo: [] })],
    ['blank text', telegramUpdate({ text: ' \n' })],
    ['another bot', telegramUpdate({ text: 'x', from: { id: 3, is_bot: true } })],
    ['somebody who writes as the group', telegramUpdate({ ...group, text: 'x', sender_chat: { id: -1 } })],
    ['nobody', telegramUpdate({ text: 'x', from: undefined })],
    ['text that is none', telegramUpdate({ text: 7 })],
    ['something else', { hello: 'world' }],
    ['null', null],
    ['a list', []],
  ])('is passed over where it is %s', (_, update) => {
    expect(toTelegramMessage(update)).toBeNull();
  });

  it('is answered with 4,096 characters at most', () => {
    const message = toTelegramMessage(telegramUpdate({ text: 'Hello' }));
    expect(message && toSendMessage(message, 'x'.repeat(5_000)).text).toBe(`${'x'.repeat(4_095)}…`);
  });
});
