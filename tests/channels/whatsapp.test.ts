import { isFromMeta, toWhatsAppMessages } from '../../shared/channels/whatsapp';
import { phoneNumberId, signMeta, whatsAppEvent, whatsAppText } from '../support/webhooks';

const read = (...messages: object[]) => toWhatsAppMessages(whatsAppEvent(messages)).messages;
const of = (type: string, content: object = {}) =>
  whatsAppText('wamid.1', '', { type, text: undefined, [type]: content });

describe("Meta's signature", () => {
  it('is over the bytes as they came', () => {
    const body = '{ "text" : "¿Qu\\u00e9 tal? 🎉" }';
    const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
    expect(isFromMeta(bytes(body), signMeta(body), 'app-test-secret')).toBe(true);
    expect(isFromMeta(bytes(JSON.stringify(JSON.parse(body))), signMeta(body), 'app-test-secret')).toBe(false);
  });
});

describe('an event of WhatsApp', () => {
  it('brings messages in their order, whatever stands beside them', () => {
    const first = whatsAppText('wamid.1', 'Hello');
    const second = whatsAppText('wamid.2', 'Hola', { from: '51999888777' });
    const event = whatsAppEvent([first, second]);
    event.entry.push(...whatsAppEvent([], { statuses: [{ id: 'wamid.0', status: 'read' }] }).entry);
    event.entry.push(...whatsAppEvent([whatsAppText('wamid.3', 'Hello again')]).entry);
    const { messages, strange } = toWhatsAppMessages(event);
    expect(strange).toBe(0);
    expect(messages.map(({ messageId }) => messageId)).toEqual(['wamid.1', 'wamid.2', 'wamid.3']);
    expect(messages[1]).toEqual({
      sender: { type: 'whatsapp', address: '51999888777' },
      conversationId: `whatsapp:${phoneNumberId}`,
      isGroup: false,
      messageId: 'wamid.2',
      text: 'Hola',
      phoneNumberId,
      replyTo: '51999888777',
    });
  });

  it('of a group is answered there', () => {
    expect(read(whatsAppText('wamid.1', 'Hello', { group_id: 'Y2FwaV9ncm91cDox' }))).toMatchObject([
      { isGroup: true, conversationId: 'whatsapp:Y2FwaV9ncm91cDox', replyTo: 'Y2FwaV9ncm91cDox' },
    ]);
  });

  it.each([
    ['a caption', of('image', { caption: 'My dog', id: '1' }), 'My dog'],
    ['a button', of('button', { text: 'Yes', payload: 'yes' }), 'Yes'],
    ['a choice', of('interactive', { type: 'button_reply', button_reply: { id: '1', title: 'Mornings' } }), 'Mornings'],
    [
      'a line of a list',
      of('interactive', { type: 'list_reply', list_reply: { id: '1', title: 'Evenings' } }),
      'Evenings',
    ],
    ['a picture', of('image', { id: '1' }), null],
    ['a voice note', of('audio', { id: '1', voice: true }), null],
    ['a place', of('location', { latitude: 1, longitude: 2 }), null],
  ])('is read where it is %s', (_, message, text) => {
    expect(read(message)).toMatchObject([{ text }]);
  });

  it.each([
    ['a reaction', whatsAppEvent([of('reaction', { emoji: '👍', message_id: 'wamid.0' })])],
    ['a note of the system', whatsAppEvent([of('system', { body: 'changed their number' })])],
    [
      'a picture in a group',
      whatsAppEvent([whatsAppText('wamid.1', '', { type: 'image', text: undefined, group_id: 'g' })]),
    ],
    ['a delivery report', whatsAppEvent([], { statuses: [{ id: 'wamid.0', status: 'delivered' }] })],
    ['a failure', whatsAppEvent([], { errors: [{ code: 130429 }] })],
    [
      'news of a template',
      { entry: [{ changes: [{ field: 'message_template_status_update', value: { event: 'APPROVED' } }] }] },
    ],
    ['something else', { hello: 'world' }],
    ['null', null],
  ])('is passed over where it is %s', (_, event) => {
    expect(toWhatsAppMessages(event)).toEqual({ messages: [], strange: 0 });
  });

  it('counts the messages that cannot be understood, and goes on', () => {
    const event = whatsAppEvent([{ id: 'wamid.1' }, whatsAppText('wamid.2', 'Hello'), 'what?', whatsAppText('', 'x')]);
    expect(toWhatsAppMessages(event)).toMatchObject({ messages: [{ messageId: 'wamid.2' }], strange: 3 });
  });
});
