import { z } from 'zod';
import type { CallerMemories, ConversationRequest } from '../conversations/conversations-contract';
import type { Input } from './endpoint';
import * as fields from './fields';
import { exchangeView } from './views';

const turn = z.strictObject({
  role: z.enum(['user', 'assistant'], 'must be user or assistant'),
  content: fields.message,
  at: fields.moment.optional(),
});

const user = z.strictObject({
  id: fields.userId.optional(),
  name: fields.text(256).optional(),
  phone: fields.text(64).optional(),
});

/** A call, or a part of one. */
export const conversation = z
  .strictObject({
    session_id: fields.label(),
    call_id: fields.label().optional(),
    user: user.default({}),
    query: fields.message.optional(),
    answer: fields.message.optional(),
    messages: z.array(turn).min(1).max(500).optional(),
    at: fields.moment.optional(),
    tags: fields.tags.default([]),
    metadata: fields.metadata.optional(),
  })
  .superRefine(fields.exactlyOneOf('query', 'messages'))
  .superRefine(fields.needs('query', 'answer'))
  .superRefine(fields.needs('answer', 'query'));

/** `at` is when it began. */
export function toConversation(input: Input<typeof conversation>): ConversationRequest {
  const { query = '', answer = '', messages, at, metadata = {}, ...rest } = input;
  const asked = [
    { role: 'user' as const, content: query },
    { role: 'assistant' as const, content: answer },
  ];
  const [first, ...others] = messages ?? asked;
  return { ...rest, metadata, said: [{ at, ...(first as (typeof asked)[0]) }, ...others] };
}

/** A caller's exchanges as callers of the API see them. */
export const callerView = ({ memories, matches, ...rest }: CallerMemories) => ({
  ...rest,
  memories: memories?.map(exchangeView) ?? null,
  matches: matches?.map((match) => ({ ...match, memories: match.memories.map(exchangeView) })),
});
