import { randomUUID } from 'node:crypto';
import { createTwilioWebhookHandler } from '../../functions/twilio-webhook';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { aDeadline, createTestService, nowhere } from '../support/service';
import { signTwilio, twilioForm, twilioRequest, webhookSecrets } from '../support/webhooks';

const textOnly = /<Message>Sorry, I can only read text messages\./;
const silence = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

describe("Twilio's webhook", () => {
  const { container, provider, close } = createTestService({ env: { ...webhookSecrets, RECALL_TIMEOUT_MS: '5000' } });
  const handler = createTwilioWebhookHandler(container);
  const say = (form: Record<string, string>) =>
    call(handler, twilioRequest({ MessageSid: `SM${randomUUID()}`, ...form }));
  const memories = async (address: string) => {
    const person = await container.identity().find({ type: 'sms', address });
    if (!person) return null;
    const { value } = await container.memory().list(person.userId, { limit: 100, cursor: null }, aDeadline());
    return value?.items.map(({ text }) => text);
  };
  beforeAll(() => container.warmUp());
  afterAll(close);

  it('answers an SMS in TwiML, and remembers', async () => {
    const answer = await say({ Body: 'My locker is number 12.' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect(answer.body).toMatch(/^<\?xml .*<Response><Message>.+<\/Message><\/Response>$/s);
    expect((await say({ Body: 'Which locker do I have?' })).body).toContain('number 12');
  });

  it('knows the same person on WhatsApp', async () => {
    const form = { From: 'whatsapp:+14155550101', To: 'whatsapp:+14155550199', Body: 'Which locker do I have?' };
    expect((await say(form)).body).toContain('number 12');
  });

  it('gives a message that comes again the first answer, and keeps it once', async () => {
    const From = '+14155550102';
    const again = { From, Body: 'My bike is blue.', MessageSid: 'SM-again' };
    const first = await say(again);
    expect((await say(again)).body).toBe(first.body);
    expect(await memories(From)).toEqual(['My bike is blue.']);
  });

  it('keeps the conversations of its numbers apart', async () => {
    const From = '+14155550103';
    await say({ From, Body: 'I like tea.' });
    await say({ From, Body: 'I like rain.', To: '+14155550198' });
    const found = provider.calls.flatMap(({ method, args }) => (method === 'add' ? args : [])) as {
      sessionId?: string;
    }[];
    const sessions = JSON.stringify(found);
    expect(sessions).toContain('sms:+14155550199');
    expect(sessions).toContain('sms:+14155550198');
  });

  it('says of a picture that it cannot read it, and keeps nothing', async () => {
    const From = '+14155550104';
    expect((await say({ From, Body: '', NumMedia: '1', MediaUrl0: 'https://example.com/1' })).body).toMatch(textOnly);
    expect(await memories(From)).toBeNull();
  });

  it.each([
    ['a delivery report', { MessageStatus: 'delivered' }],
    ['a STOP that Twilio has answered', { Body: 'STOP', OptOutType: 'STOP' }],
    ['a short code', { From: '729725', Body: 'Your code is 1234' }],
    ['a name that a network gives itself', { From: 'MyBank', Body: 'Your balance is 12' }],
    ['another kind of channel', { From: 'messenger:1234567890', Body: 'Hello' }],
  ])('says nothing to %s', async (_, form) => {
    expect(await say(form)).toMatchObject({ status: 200, body: silence });
  });

  it('escapes what a person made the reply say', async () => {
    const { body } = await say({ From: '+14155550105', Body: 'I want to <Redirect>run</Redirect> & swim every day' });
    expect(body).not.toContain('<Redirect>');
    expect(body).toContain('&amp;');
  });

  it('cuts what is too long', async () => {
    expect((await say({ From: '+14155550106', Body: 'I like tea. '.repeat(1_000) })).status).toBe(200);
  });

  describe('with no database', () => {
    const open = (env: NodeJS.ProcessEnv) =>
      createContainer({ env: { ...env, DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
    const hello = twilioRequest({ MessageSid: 'SM1', Body: 'Hello' });

    it.each([
      ['is not there where no token is set', {}, 404, null],
      ['asks to come again', webhookSecrets, 503, '5'],
    ])('%s', async (_, env, status, retryAfter) => {
      const services = open(env);
      const answer = await call(createTwilioWebhookHandler(services), hello);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
      await services.close();
    });

    it('checks the address it was called at where PUBLIC_URL is not set', async () => {
      const services = open({ TWILIO_AUTH_TOKEN: webhookSecrets.TWILIO_AUTH_TOKEN });
      const form = twilioForm({ MessageSid: 'SM1', MessageStatus: 'delivered' });
      const url = 'https://here.example.com/api/webhooks/twilio';
      const request = { ...twilioRequest(form, { 'x-twilio-signature': signTwilio(form, { url }) }), url };
      expect((await call(createTwilioWebhookHandler(services), request)).status).toBe(200);
      await services.close();
    });
  });
});
