import { randomUUID } from 'node:crypto';
import { toMemoryState } from '../memory/memory-state';
import type { ChatReply, ChatRequest } from './chat-contract';
import type { Gathered } from './gather';
import type { Goal } from './goals';
import type { Understanding } from './intent';
import { defaultPersonality, findPersonality } from './personalities/list';
import type { Personality } from './personalities/personality';
import { phrases } from './phrases';
import type { Response } from './respond';
import type { ToolRun } from './tool-runner';

interface Outcome {
  response: Response;
  personality: Personality;
  conversationId: string;
  gathered: Gathered;
  run: ToolRun;
  goals: Goal[] | null;
  timingsMs: Record<string, number>;
}

/** What goes out: of what was recalled, that which the reply was made from. */
export function toReply(outcome: Outcome): ChatReply {
  const { response, personality, conversationId, gathered, run, goals, timingsMs } = outcome;
  const { value, context, memory } = gathered.recalled;
  const packed = new Set(context?.lines.map(({ id }) => id));
  const used = value?.filter((result) => !context || packed.has(result.memory.id));
  const rounded = Object.entries(timingsMs).map(([step, ms]) => [step, Math.round(ms * 10) / 10]);
  return {
    ...{ reply: response.text, personality: personality.name, conversationId },
    ...{ degraded: response.reason !== null, reason: response.reason, toolsUsed: run.used },
    memoriesUsed: used?.map(({ memory: { id, text }, score }) => ({ id, text, score })) ?? null,
    ...(goals?.length && { goals }),
    memory,
    timingsMs: Object.fromEntries(rounded),
  };
}

/** To somebody in a group whom nobody knows: nobody's memory is read for them, and none is left. */
export function toStranger(request: ChatRequest, { language }: Understanding, now: Date): ChatReply {
  return {
    reply: phrases[language].stranger,
    personality: (findPersonality(request.personality) ?? defaultPersonality).name,
    conversationId: request.conversationId ?? randomUUID(),
    ...{ degraded: false, reason: null, toolsUsed: [], memoriesUsed: null },
    memory: toMemoryState('none', 'unknown_sender', now),
    timingsMs: {},
  };
}
