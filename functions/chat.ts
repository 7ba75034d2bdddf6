import { app } from '@azure/functions';
import { z } from 'zod';
import { personalityNames } from '../shared/chat/personalities/list';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({
  ...fields.person,
  message: fields.message,
  personality: z.enum(personalityNames, `must be one of ${personalityNames.join(', ')}`).optional(),
  conversation_id: fields.label().optional(),
  message_id: fields.label().optional(),
});

export const createChatHandler = (services: Container) =>
  endpoint(services, 'chat', request, async (input, { deadline }) =>
    reply(200, await services.chat().chat(input, deadline)),
  );

app.http('chat', { methods: ['POST'], authLevel: 'function', route: 'chat', handler: createChatHandler(container) });
