import { app } from '@azure/functions';
import { z } from 'zod';
import { personalityNames } from '../shared/chat/personalities/list';
import type { ChatEvent } from '../shared/chat/chat-contract';
import { type Container, container } from '../shared/container';
import { watchCallers } from '../shared/http/caller-left';
import { endpoint, reply } from '../shared/http/endpoint';
import type { ServerEvent } from '../shared/http/event-stream';
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

/** A reply piece by piece, as events named `token`, `tool` and, at the end, `done`. */
async function* toServerEvents(events: AsyncIterable<ChatEvent>): AsyncIterable<ServerEvent> {
  for await (const event of events) {
    if (event.type === 'token') yield { event: 'token', data: { text: event.text } };
    else yield { event: event.type, data: event.type === 'tool' ? event.use : event.reply };
  }
}

export const createChatHandler = (services: Container) =>
  endpoint(
    services,
    'chat',
    request,
    async ({ userId, channel, sender, participants, ...said }, { deadline, wantsEvents }) => {
      const speaker = await services.identity().speaker({ userId, channel, sender, participants });
      const spoken = { ...said, ...speaker };
      if (wantsEvents) return toServerEvents(services.chat().stream(spoken, deadline));
      return reply(200, await services.chat().chat(spoken, deadline));
    },
    { budgetMs: () => services.chatBudgetMs() },
  );

// Answers are streams to the Functions host from here on: without this it would gather a reply before sending it.
app.setup({ enableHttpStream: true });
watchCallers();

app.http('chat', { methods: ['POST'], authLevel: 'function', route: 'chat', handler: createChatHandler(container) });
