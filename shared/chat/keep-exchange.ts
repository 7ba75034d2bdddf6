import type { Metadata } from '../memory/memory';
import type { AddRequest, MemoryService } from '../memory/memory-contract';
import type { Deadline } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import type { PreferenceValues } from './preferences';
import type { ToolRun } from './tool-runner';

/** A message as memory keeps it. */
export interface Exchange {
  userId: string;
  message: string;
  messageId: string | undefined;
  conversationId: string;
  personality: string;
  preferences: PreferenceValues;
  at: Date;
}

/** A reply waits no longer for the provider: what was said is durable before, and found meanwhile. */
const waitMs = 200;

/** What every memory of the chat carries: who was speaking, and the time of day that works for the person, once known. */
const metadataOf = ({ personality, preferences }: Exchange, type: string): Metadata => ({
  type,
  effective_personality: personality,
  ...(preferences.time_of_day && { optimal_timing: preferences.time_of_day }),
});

const addRequest = ({ userId, preferences, at }: Exchange, text: string): AddRequest => ({
  userId,
  utterances: [{ role: 'user', name: preferences.name ?? null, content: text, at }],
  infer: false,
  at,
  waitMs,
});

/** Keeps the person's own words and nothing of what was put beside them. Throws ProblemError 503 when they can be kept nowhere. */
export async function keepMessage(memory: MemoryService, exchange: Exchange, deadline: Deadline): Promise<void> {
  const { message, messageId, conversationId } = exchange;
  const request: AddRequest = {
    ...addRequest(exchange, message),
    type: 'conversation',
    sessionId: conversationId,
    metadata: metadataOf(exchange, 'conversation'),
    ...(messageId && { messageId: `chat:${messageId}` }),
  };
  await memory.add(request, deadline);
}

/**
 * Keeps what the tools did: their notes, and for those without one that they were used, once a day. Never rejects: the goal or
 * check-in itself is in the database, and the person's words are kept already.
 */
export async function keepToolResults(
  memory: MemoryService,
  exchange: Exchange,
  { used, notes }: ToolRun,
  deadline: Deadline,
  logger: Logger,
): Promise<void> {
  const { messageId, conversationId, at } = exchange;
  const ofNotes = notes.map(
    ({ tool, note }, i): AddRequest => ({
      ...addRequest(exchange, note.text),
      type: note.type,
      metadata: {
        ...metadataOf(exchange, note.type),
        tool_used: tool,
        conversation_id: conversationId,
        ...note.metadata,
      },
      ...(messageId && { messageId: `chat:${messageId}:${i}` }),
    }),
  );
  const silent = new Set(
    used.filter(({ ok, name }) => ok && !notes.some(({ tool }) => tool === name)).map(({ name }) => name),
  );
  const ofUse = [...silent].map(
    (tool): AddRequest => ({
      ...addRequest(exchange, `Used ${tool}`),
      type: 'tool_usage',
      metadata: { ...metadataOf(exchange, 'tool_usage'), tool_used: tool },
      messageId: `tool_usage:${tool}:${at.toISOString().slice(0, 10)}`,
    }),
  );
  for (const result of await Promise.allSettled(
    [...ofNotes, ...ofUse].map((request) => memory.add(request, deadline)),
  )) {
    if (result.status === 'rejected') logger.warn('note not kept', describeError(result.reason));
  }
}
