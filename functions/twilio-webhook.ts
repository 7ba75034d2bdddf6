import { app } from '@azure/functions';
import { isFromTwilio, publicUrl, toTwilioMessage, toTwiml } from '../shared/channels/twilio';
import { type Container, container } from '../shared/container';
import { answering, readBody } from '../shared/http/answering';
import { forged, nothingHere, proofOf } from '../shared/http/webhook';

const header = 'X-Twilio-Signature';

/** Twilio waits for 15 s, and for the reply in its answer. */
const budgetMs = 14_000;

export const createTwilioWebhookHandler = (services: Container) =>
  answering(
    services,
    'twilio-webhook',
    async (request, { deadline }) => {
      const { TWILIO_AUTH_TOKEN: authToken, PUBLIC_URL } = services.settings().settings;
      if (authToken === undefined) throw nothingHere();
      const signature = proofOf(request, header);
      const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, 256 * 1024)));
      const url = publicUrl(request.url, PUBLIC_URL);
      if (!isFromTwilio({ url, form, signature }, authToken))
        throw forged(
          header,
          'does not fit: check TWILIO_AUTH_TOKEN, and that PUBLIC_URL is the address that Twilio calls',
        );
      const message = toTwilioMessage(form);
      const reply = message && (await services.channels().reply(message, deadline));
      return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: toTwiml(reply) };
    },
    { budgetMs },
  );

app.http('twilio-webhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'webhooks/twilio',
  handler: createTwilioWebhookHandler(container),
});
