import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { conversation, toConversation } from '../shared/http/conversation';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ conversations: z.array(fields.alone(conversation)).min(1).max(100) });

/** A conversation that does not fit fails alone. */
export const createConversationsBatchHandler = (services: Container) =>
  endpoint(
    services,
    'conversations-batch',
    request,
    async ({ conversations }, { deadline }) => {
      const fitting = conversations.flatMap((each) => (each.success ? [toConversation(each.data)] : []));
      const kept = (await services.conversations().storeAll(fitting, deadline)).values();
      const results = conversations.map((each) => (each.success ? kept.next().value : each));
      const stored = results.filter((result) => result?.success).length;
      const total = results.length;
      return reply(200, { success: stored === total, total, stored, failed: total - stored, results });
    },
    { maxBytes: 2 * 1024 * 1024 },
  );

app.http('conversations-batch', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'conversations/batch',
  handler: createConversationsBatchHandler(container),
});
