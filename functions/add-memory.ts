import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const turn = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  name: fields.label().optional(),
  content: fields.message,
  at: fields.moment.optional(),
});

const request = z
  .strictObject({
    ...fields.person,
    text: fields.message.optional(),
    speaker: fields.label().optional(),
    messages: z.array(turn).min(1).max(100).optional(),
    at: fields.moment.optional(),
    session_id: fields.label().optional(),
    type: fields.newType.optional(),
    tags: fields.tags.optional(),
    metadata: fields.metadata.optional(),
    infer: z.boolean().optional(),
    message_id: fields.label().optional(),
    expires_at: fields.moment.optional(),
  })
  .superRefine(fields.exactlyOneOf('user_id', 'channel'))
  .superRefine(fields.exactlyOneOf('text', 'messages'));

const httpStatus = { stored: 201, pending: 202, queued: 202, skipped: 200 };

export const createAddMemoryHandler = (services: Container) =>
  endpoint(
    services,
    'add-memory',
    request,
    async ({ text, speaker, messages, userId, channel, ...rest }, { deadline }) => {
      const person = await services.identity().person({ userId, channel });
      const said =
        text === undefined ? (messages ?? []) : [{ role: 'user' as const, name: speaker, content: text, at: rest.at }];
      const utterances = said.map(({ role, name = null, content, at = null }) => ({ role, name, content, at }));
      const result = await services.memory().add({ ...rest, userId: person, utterances }, deadline);
      return reply(httpStatus[result.status], result);
    },
  );

app.http('add-memory', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'add-memory',
  handler: createAddMemoryHandler(container),
});
