import { app } from '@azure/functions';
import { z } from 'zod';
import { personalityNames } from '../shared/chat/personalities/list';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z
  .strictObject({
    ...fields.person,
    sender: fields.channel.optional(),
    participants: z.array(fields.channel).min(1).max(100).optional(),
    message: fields.message,
    personality: z.enum(personalityNames, `must be one of ${personalityNames.join(', ')}`).optional(),
    conversation_id: fields.label().optional(),
    message_id: fields.label().optional(),
  })
  .superRefine(fields.exactlyOneOf('user_id', 'channel', 'sender'))
  .superRefine(fields.needs('sender', 'participants', 'conversation_id'))
  .superRefine(fields.needs('participants', 'sender'));

export const createChatHandler = (services: Container) =>
  endpoint(services, 'chat', request, async ({ userId, channel, sender, participants, ...said }, { deadline }) => {
    const speaker = await services.identity().speaker({ userId, channel, sender, participants });
    return reply(200, await services.chat().chat({ ...said, ...speaker }, deadline));
  });

app.http('chat', { methods: ['POST'], authLevel: 'function', route: 'chat', handler: createChatHandler(container) });
