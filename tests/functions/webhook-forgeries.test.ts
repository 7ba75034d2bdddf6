import crypto from 'node:crypto';
import type { HttpRequestInit } from '@azure/functions';
import { createTelegramWebhookHandler } from '../../functions/telegram-webhook';
import { createTwilioWebhookHandler } from '../../functions/twilio-webhook';
import { createWhatsAppWebhookHandler } from '../../functions/whatsapp-webhook';
import { createContainer } from '../../shared/container';
import { countRows } from '../support/count-rows';
import { call } from '../support/endpoint';
import { createGraphServer, type GraphServer } from '../support/graph-server';
import { freshHome } from '../support/home';
import {
  webhookSecrets as secrets,
  seenUrl,
  signMeta,
  signTwilio,
  telegramRequest,
  telegramUpdate,
  twilioForm,
  twilioRequest,
  twilioUrl,
  whatsAppEvent,
  whatsAppRequest,
  whatsAppText,
} from '../support/webhooks';

const flip = (text: string, at: number) => `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;

const form = twilioForm({ MessageSid: 'SM1', Body: 'I am not who I say I am.' });
const otherForm = { ...form, Body: 'Something else.' };
const twilio = signTwilio(form);
const sentBy = (signature: string, more: Partial<HttpRequestInit> = {}): HttpRequestInit => ({
  ...twilioRequest(form, { 'x-twilio-signature': signature }),
  ...more,
});
const bodyOf = (changed: Record<string, string>) => ({ body: { string: new URLSearchParams(changed).toString() } });
const { Body, ...withoutBody } = form;
const unsorted = Object.entries(form).reverse();

const twilioForgeries: Record<string, HttpRequestInit> = {
  'without a signature': { ...sentBy(''), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  'with an empty one': sentBy(''),
  'cut off by a sign': sentBy(twilio.slice(0, -1)),
  'cut off after the first sign': sentBy(twilio.slice(0, 1)),
  'with a sign more': sentBy(`${twilio}=`),
  'wrong in its first sign': sentBy(flip(twilio, 0)),
  'wrong in its last sign': sentBy(flip(twilio, twilio.length - 2)),
  'in lower case': sentBy(twilio.toLowerCase()),
  'in hex': sentBy(Buffer.from(twilio, 'base64').toString('hex')),
  'twice in one header': sentBy(`${twilio}, ${twilio}`),
  'with the name of an algorithm': sentBy(`sha1=${twilio}`),
  'by SHA-256': sentBy(signTwilio(form, { algorithm: 'sha256' })),
  'by another token': sentBy(signTwilio(form, { token: 'another-token' })),
  'by no token': sentBy(signTwilio(form, { token: '' })),
  'that is the token itself': sentBy(secrets.TWILIO_AUTH_TOKEN),
  'replayed on another message': sentBy(twilio, bodyOf(otherForm)),
  'of another message': sentBy(signTwilio(otherForm)),
  'before a field was added': sentBy(twilio, bodyOf({ ...form, NumMedia: '0', Forwarded: '1' })),
  'before a field was taken away': sentBy(twilio, bodyOf(withoutBody)),
  'before the sender was changed': sentBy(twilio, bodyOf({ ...form, From: '+14155550102' })),
  'of the fields in another order': sentBy(
    crypto
      .createHmac('sha1', secrets.TWILIO_AUTH_TOKEN)
      .update(twilioUrl + unsorted.flat().join(''))
      .digest('base64'),
  ),
  'for the address that we see': sentBy(signTwilio(form, { url: seenUrl('twilio') })),
  'for another host': sentBy(signTwilio(form, { url: 'https://evil.example.com/api/webhooks/twilio' })),
  'for another host that a header names': sentBy('', {
    headers: {
      'x-forwarded-host': 'evil.example.com',
      'x-original-host': 'evil.example.com',
      'x-twilio-signature': signTwilio(form, { url: 'https://evil.example.com/api/webhooks/twilio' }),
    },
  }),
  'for another door': sentBy(signTwilio(form, { url: twilioUrl.replace('twilio', 'telegram') })),
  'with a query that was not signed': sentBy(twilio, { url: `${seenUrl('twilio')}?a=1` }),
  'in the query': { ...sentBy(''), url: `${seenUrl('twilio')}?x-twilio-signature=${encodeURIComponent(twilio)}` },
  'in the body': sentBy('', bodyOf({ ...form, 'X-Twilio-Signature': twilio })),
};

const event = whatsAppEvent([whatsAppText('wamid.1', 'I am not who I say I am.')]);
const text = JSON.stringify(event);
const meta = signMeta(text);
const hooked = (signature: string, body = text): HttpRequestInit => ({
  ...whatsAppRequest(event, { 'x-hub-signature-256': signature }),
  body: { string: body },
});

const whatsAppForgeries: Record<string, HttpRequestInit> = {
  'without a signature': { ...hooked(''), headers: { 'content-type': 'application/json' } },
  'with an empty one': hooked(''),
  'with the name of the algorithm alone': hooked('sha256='),
  'without the name of the algorithm': hooked(meta.slice(7)),
  'cut off by a digit': hooked(meta.slice(0, -1)),
  'with a digit more': hooked(`${meta}0`),
  'wrong in its first digit': hooked(flip(meta, 7)),
  'wrong in its last digit': hooked(flip(meta, meta.length - 1)),
  'in upper case': hooked(`sha256=${meta.slice(7).toUpperCase()}`),
  'in base64': hooked(`sha256=${Buffer.from(meta.slice(7), 'hex').toString('base64')}`),
  'twice in one header': hooked(`${meta}, ${meta}`),
  'by SHA-1': hooked(signMeta(text, { algorithm: 'sha1' })),
  'by SHA-1 that says SHA-256': hooked(signMeta(text, { algorithm: 'sha1' }).replace('sha1', 'sha256')),
  'in the header of old': {
    ...hooked(''),
    headers: { 'x-hub-signature': signMeta(text, { algorithm: 'sha1' }), 'x-hub-signature-255': meta },
  },
  'by another secret': hooked(signMeta(text, { secret: 'another-secret' })),
  'by no secret': hooked(signMeta(text, { secret: '' })),
  'by the verify token': hooked(signMeta(text, { secret: secrets.WHATSAPP_VERIFY_TOKEN })),
  'by the access token': hooked(signMeta(text, { secret: secrets.WHATSAPP_ACCESS_TOKEN })),
  'that is the secret itself': hooked(secrets.WHATSAPP_APP_SECRET),
  'replayed on another message': hooked(meta, text.replace('who I say', 'who you say')),
  'of nothing': hooked(signMeta('')),
  'of the same values in other white space': hooked(meta, JSON.stringify(event, null, 2)),
  'before a line end was added': hooked(meta, `${text}\n`),
  'in the query': { ...hooked(''), url: `${seenUrl('whatsapp')}?x-hub-signature-256=${meta}` },
};

const update = telegramUpdate({ text: 'I am not who I say I am.' });
const secret = secrets.TELEGRAM_SECRET_TOKEN;
const bot = (token: string, headers: Record<string, string> = {}) =>
  telegramRequest(update, { 'x-telegram-bot-api-secret-token': token, ...headers });

const telegramForgeries: Record<string, HttpRequestInit> = {
  'without a token': { ...bot(''), headers: { 'content-type': 'application/json' } },
  'with an empty one': bot(''),
  'cut off by a sign': bot(secret.slice(0, -1)),
  'with a sign more': bot(`${secret}x`),
  'wrong in its first sign': bot(flip(secret, 0)),
  'wrong in its last sign': bot(flip(secret, secret.length - 1)),
  'in upper case': bot(secret.toUpperCase()),
  'twice in one header': bot(`${secret}, ${secret}`),
  'of another channel': bot(secrets.TWILIO_AUTH_TOKEN),
  'as a bearer': bot(`Bearer ${secret}`),
  'in another header': bot('', { authorization: secret, 'x-functions-key': secret }),
  'in the query': { ...bot(''), url: `${seenUrl('telegram')}?secret_token=${secret}&code=${secret}` },
  'in the body': telegramRequest({ ...update, secret_token: secret }, { 'x-telegram-bot-api-secret-token': '' }),
  hashed: bot(crypto.createHash('sha256').update(secret).digest('hex')),
};

describe('a forged webhook', () => {
  const home = freshHome();
  let graph: GraphServer;
  let container: ReturnType<typeof createContainer>;
  beforeAll(async () => {
    graph = await createGraphServer();
    const env = { ...secrets, WHATSAPP_BASE_URL: graph.url, KEEPSAKE_HOME: home, LOG_LEVEL: 'silent' };
    container = createContainer({ env });
  });
  afterAll(async () => {
    await container.close();
    await graph.close();
  });
  const doors = {
    twilio: (request: HttpRequestInit) => call(createTwilioWebhookHandler(container), request),
    whatsapp: (request: HttpRequestInit) => call(createWhatsAppWebhookHandler(container), request),
    telegram: (request: HttpRequestInit) => call(createTelegramWebhookHandler(container), request),
  };
  const forgeries = Object.entries({
    twilio: twilioForgeries,
    whatsapp: whatsAppForgeries,
    telegram: telegramForgeries,
  });
  const all = forgeries.flatMap(([door, cases]) =>
    Object.entries(cases).map(([title, request]) => ({ door: door as keyof typeof doors, title, request })),
  );

  it.each(all)('of $door, $title, is refused', async ({ door, request }) => {
    expect(await doors[door](request)).toMatchObject({
      status: 403,
      body: { title: 'Forbidden', detail: expect.stringMatching(/^X-[A-Za-z0-9-]+ (is missing|does not fit)/) },
    });
  });

  it('leaves nothing behind, while what was signed does', async () => {
    const empty = async () => {
      await container.close();
      return Object.values(await countRows(home)).every((count) => count === 0);
    };
    expect(await empty()).toBe(true);
    expect(graph.requests).toEqual([]);
    const answers = [sentBy(twilio), hooked(meta), bot(secret)];
    for (const [i, door] of Object.values(doors).entries()) expect((await door(answers[i] ?? {})).status).toBe(200);
    expect(graph.sent).toHaveLength(1);
    expect(await empty()).toBe(false);
  });

  it('is compared in constant time: by digests of one length, as often as one that fits', async () => {
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    const comparisons = async (door: keyof typeof doors, request: HttpRequestInit) => {
      compare.mockClear();
      await doors[door](request);
      for (const sides of compare.mock.calls) expect(sides.map(({ byteLength }) => byteLength)).toEqual([32, 32]);
      return compare.mock.calls.length;
    };
    // Whatever sign is the first that differs, and where the lengths differ.
    const proofs: Record<keyof typeof doors, [good: string, request: (proof: string) => HttpRequestInit]> = {
      twilio: [twilio, (proof) => sentBy(proof)],
      whatsapp: [meta, (proof) => hooked(proof)],
      telegram: [secret, (proof) => bot(proof)],
    };
    for (const [door, [good, request]] of Object.entries(proofs)) {
      const name = door as keyof typeof doors;
      const often = await comparisons(name, request(good));
      expect(often).toBeGreaterThan(0);
      for (const proof of [flip(good, 0), flip(good, good.length - 2), good.slice(0, 3), `${good}${good}`])
        expect(await comparisons(name, request(proof))).toBe(often);
    }
    compare.mockRestore();
  });
});
