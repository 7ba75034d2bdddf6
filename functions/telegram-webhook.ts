import { app } from '@azure/functions';
import { toSendMessage, toTelegramMessage } from '../shared/channels/telegram';
import { type Container, container } from '../shared/container';
import { answering, readBody } from '../shared/http/answering';
import { decodeJson } from '../shared/http/endpoint';
import { equalSecrets } from '../shared/http/equal-secrets';
import { forged, nothingHere, proofOf } from '../shared/http/webhook';

const header = 'X-Telegram-Bot-Api-Secret-Token';

export const createTelegramWebhookHandler = (services: Container) =>
  answering(
    services,
    'telegram-webhook',
    async (request, { deadline }) => {
      const { TELEGRAM_SECRET_TOKEN: secret } = services.settings().settings;
      if (secret === undefined) throw nothingHere();
      if (!equalSecrets(proofOf(request, header), secret))
        throw forged(
          header,
          'does not fit: it must be the secret_token of setWebhook, and TELEGRAM_SECRET_TOKEN the same',
        );
      const message = toTelegramMessage(decodeJson(await readBody(request, 256 * 1024)));
      const reply = message && (await services.channels().reply(message, deadline));
      if (message === null || reply === null) return { status: 200 };
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(toSendMessage(message, reply)),
      };
    },
    { budgetMs: 14_000 },
  );

app.http('telegram-webhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'webhooks/telegram',
  handler: createTelegramWebhookHandler(container),
});
