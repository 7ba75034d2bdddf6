import type { MemoryState } from '../memory/memory-contract';
import type { Deadline } from '../resilience/deadline';
import type { Goal } from './goals';
import type { ToolUse } from './tool-runner';

export interface ChatRequest {
  userId: string;
  message: string;
  /** One of the personalities; else the one that the person prefers, else the default. */
  personality?: string;
  /** Omitted: a new conversation. */
  conversationId?: string;
  /** The channel's id of this message: the same one again gets the first reply and does nothing twice. */
  messageId?: string;
}

export interface ChatReply {
  reply: string;
  personality: string;
  conversationId: string;
  toolsUsed: ToolUse[];
  /** What was recalled for this reply; null when memory is unavailable, [] when nothing is known. */
  memoriesUsed: { id: string; text: string; score: number }[] | null;
  /** The active goals, where there are any and they could be read. */
  goals?: Goal[];
  memory: MemoryState;
  timingsMs: Record<string, number>;
}

export interface ChatService {
  /**
   * Answers a message and keeps it. There is a reply whatever is down, without memory if need be. Throws ProblemError 503 only when
   * the message can be kept nowhere: then nothing was done.
   */
  chat(request: ChatRequest, deadline: Deadline): Promise<ChatReply>;
}
