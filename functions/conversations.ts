import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { callerView, conversation, toConversation } from '../shared/http/conversation';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const whose = z
  .strictObject({
    phone: fields.queryPhone.optional(),
    name: fields.text(256).optional(),
    session_id: fields.label().optional(),
    limit: fields.queryLimit,
  })
  .superRefine(fields.exactlyOneOf('phone', 'name', 'session_id'));

export const createConversationsHandler = (services: Container) =>
  byMethod({
    POST: endpoint(services, 'conversations', conversation, async (input, { deadline }) =>
      reply(201, await services.conversations().store(toConversation(input), deadline)),
    ),
    GET: endpoint(services, 'conversations', whose, async ({ phone, name, sessionId = '', limit }, { deadline }) => {
      const query = phone !== undefined ? { phone } : name !== undefined ? { name } : { sessionId };
      return reply(200, callerView(await services.conversations().find(query, limit, deadline)));
    }),
  });

app.http('conversations', {
  methods: ['GET', 'POST'],
  authLevel: 'function',
  route: 'conversations',
  handler: createConversationsHandler(container),
});
