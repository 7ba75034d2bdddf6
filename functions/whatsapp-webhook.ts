import { app } from '@azure/functions';
import { isFromMeta, toWhatsAppMessages } from '../shared/channels/whatsapp';
import { type Container, container } from '../shared/container';
import { answering, readBody } from '../shared/http/answering';
import { byMethod } from '../shared/http/by-method';
import { decodeJson } from '../shared/http/endpoint';
import { equalSecrets } from '../shared/http/equal-secrets';
import { ProblemError } from '../shared/http/problem';
import { forged, nothingHere, proofOf } from '../shared/http/webhook';

const header = 'X-Hub-Signature-256';

/** One event may bring several messages, and each takes a chat. Meta delivers again what is not finished. */
const budgetMs = 60_000;

/** Meta asks once, when the address is entered, whether it is ours. "Verification requests", Graph API webhooks. */
const verify = (services: Container) =>
  answering(services, 'whatsapp-webhook', async ({ query }) => {
    const { WHATSAPP_VERIFY_TOKEN: token } = services.settings().settings;
    if (token === undefined) throw nothingHere();
    if (query.get('hub.mode') !== 'subscribe' || !equalSecrets(query.get('hub.verify_token') ?? '', token))
      throw forged('hub.verify_token', 'does not fit: enter the value of WHATSAPP_VERIFY_TOKEN');
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: query.get('hub.challenge') ?? '' };
  });

const receive = (services: Container) =>
  answering(
    services,
    'whatsapp-webhook',
    async (request, { deadline, logger }) => {
      const { WHATSAPP_APP_SECRET: secret, WHATSAPP_ACCESS_TOKEN: token } = services.settings().settings;
      if (secret === undefined || token === undefined) throw nothingHere();
      const signature = proofOf(request, header);
      const body = await readBody(request, 2 * 1024 * 1024);
      if (!isFromMeta(body, signature, secret))
        throw forged(header, "does not fit: check that WHATSAPP_APP_SECRET is the app's");
      const { messages, strange } = toWhatsAppMessages(decodeJson(body));
      if (strange > 0) logger.warn('messages not understood', { channel: 'whatsapp', count: strange });
      if (await services.channels().deliver(messages, deadline)) return { status: 200 };
      throw new ProblemError(503, 'A reply could not be sent. Send the event again.', undefined, {
        'retry-after': '30',
      });
    },
    { budgetMs },
  );

export const createWhatsAppWebhookHandler = (services: Container) =>
  byMethod({ GET: verify(services), POST: receive(services) });

app.http('whatsapp-webhook', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  route: 'webhooks/whatsapp',
  handler: createWhatsAppWebhookHandler(container),
});
