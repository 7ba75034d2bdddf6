import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import { equalSecrets } from '../shared/http/equal-secrets';
import { ProblemError } from '../shared/http/problem';
import { nothingHere } from '../shared/http/webhook';

/** Mem0's event, of which only the id is used. "Webhooks", Mem0 documentation. */
const event = z.object({
  secret: z.string(),
  event_details: z.object({ id: z.uuid().optional(), memory_id: z.uuid().optional() }),
});

/** Mem0 signs nothing and sends no key: the secret in the path is what lets it in. */
export const createMem0WebhookHandler = (services: Container) =>
  endpoint(services, 'mem0-webhook', event, async ({ secret, eventDetails: { id, memoryId = id } }, { deadline }) => {
    const expected = services.settings().settings.MEM0_WEBHOOK_SECRET;
    if (expected === undefined || !equalSecrets(secret, expected)) throw nothingHere();
    if (memoryId === undefined) return reply(202, { status: 'ignored' });
    const status = await services.applyHint(memoryId, deadline.signal);
    if (status === null)
      throw new ProblemError(503, 'The memory could not be looked up. Send the event again.', undefined, {
        'retry-after': '30',
      });
    return reply(202, { status });
  });

app.http('mem0-webhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'webhooks/mem0/{secret}',
  handler: createMem0WebhookHandler(container),
});
