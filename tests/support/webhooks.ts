import { createHmac } from 'node:crypto';
import type { HttpRequestInit } from '@azure/functions';

/** Requests as the vendors make and sign them, written down apart from the code that reads them. */

export const webhookSecrets = {
  PUBLIC_URL: 'https://bot.example.com',
  TWILIO_AUTH_TOKEN: 'twilio-test-token',
  WHATSAPP_VERIFY_TOKEN: 'verify-test-token',
  WHATSAPP_APP_SECRET: 'app-test-secret',
  WHATSAPP_ACCESS_TOKEN: 'graph-test-token',
  TELEGRAM_SECRET_TOKEN: 'telegram-test-token',
};

/** What the host sees behind a proxy; Twilio calls and signs the public address. */
export const seenUrl = (door: string) => `http://10.0.0.4:8080/api/webhooks/${door}`;
export const twilioUrl = `${webhookSecrets.PUBLIC_URL}/api/webhooks/twilio`;

export function signTwilio(
  form: Record<string, string>,
  { url = twilioUrl, token = webhookSecrets.TWILIO_AUTH_TOKEN, algorithm = 'sha1' } = {},
): string {
  const pairs = Object.keys(form)
    .sort()
    .map((name) => `${name}${form[name]}`);
  return createHmac(algorithm, token)
    .update(`${url}${pairs.join('')}`, 'utf8')
    .digest('base64');
}

export const signMeta = (body: string, { secret = webhookSecrets.WHATSAPP_APP_SECRET, algorithm = 'sha256' } = {}) =>
  `${algorithm}=${createHmac(algorithm, secret).update(body, 'utf8').digest('hex')}`;

const post = (door: string, headers: Record<string, string>, body: string): HttpRequestInit => ({
  method: 'POST',
  url: seenUrl(door),
  headers,
  body: { string: body },
});

export const twilioForm = (form: Record<string, string>): Record<string, string> => ({
  AccountSid: 'AC00000000000000000000000000000000',
  From: '+14155550101',
  To: '+14155550199',
  NumMedia: '0',
  ...form,
});

/** A message that Twilio brings: names of `form` beside those that it always sends. */
export function twilioRequest(given: Record<string, string>, headers: Record<string, string> = {}): HttpRequestInit {
  const form = twilioForm(given);
  const signed = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signTwilio(form) };
  return post('twilio', { ...signed, ...headers }, new URLSearchParams(form).toString());
}

export const phoneNumberId = '106540352242922';

/** An event of WhatsApp with these messages, each a text unless it says otherwise. */
export const whatsAppEvent = (messages: unknown[], value: object = {}) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550783881', phone_number_id: phoneNumberId },
            contacts: [{ profile: { name: 'Somebody' }, wa_id: '14155550101' }],
            ...(messages.length > 0 && { messages }),
            ...value,
          },
        },
      ],
    },
  ],
});

export const whatsAppText = (id: string, body: string, more: object = {}) => ({
  from: '14155550101',
  timestamp: '1772366400',
  type: 'text',
  text: { body },
  id,
  ...more,
});

export function whatsAppRequest(event: unknown, headers: Record<string, string> = {}): HttpRequestInit {
  const body = JSON.stringify(event);
  const signed = { 'content-type': 'application/json', 'x-hub-signature-256': signMeta(body) };
  return post('whatsapp', { ...signed, ...headers }, body);
}

export const telegramUpdate = (message: object) => ({
  update_id: 9_000_001,
  message: {
    message_id: 1,
    from: { id: 5_550_101, is_bot: false, first_name: 'Somebody' },
    chat: { id: 5_550_101, type: 'private' },
    date: 1_772_366_400,
    ...message,
  },
});

export const telegramRequest = (update: unknown, headers: Record<string, string> = {}): HttpRequestInit =>
  post(
    'telegram',
    {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': webhookSecrets.TELEGRAM_SECRET_TOKEN,
      ...headers,
    },
    JSON.stringify(update),
  );
