import type { MemoryState } from '../memory/memory-contract';
import type { Counts } from '../redaction/redact';
import type { Deadline } from '../resilience/deadline';
import type { Goal } from './goals';
import type { ToolUse } from './tool-runner';

export interface ChatRequest {
  /** Who speaks; null for somebody unknown in a group, who gets no one's memory and leaves none. */
  userId: string | null;
  message: string;
  /** One of the personalities; else the one that works best for the person, else the default. */
  personality?: string;
  /** Omitted: a new conversation. */
  conversationId?: string;
  /** The people of a group, the sender among them; absent where the person writes alone. */
  participants?: string[];
  /** The channel's id of this message: the same one again gets the first reply and does nothing twice. */
  messageId?: string;
}

export interface ChatReply {
  reply: string;
  personality: string;
  conversationId: string;
  /** Whether the rule-based coach answered because the chat model could not; `reason` says why. */
  degraded: boolean;
  /** `model_timeout`, `model_unavailable`, `model_refused`, `model_nonsense`; null where all is well. */
  reason: string | null;
  toolsUsed: ToolUse[];
  /** What was recalled for this reply; null when memory is unavailable, [] when nothing is known. */
  memoriesUsed: { id: string; text: string; score: number }[] | null;
  /** The active goals, where there are any and they could be read. */
  goals?: Goal[];
  /** How many pieces of the message were masked before it was read or stored, by kind; absent where none was. */
  redacted?: Counts;
  memory: MemoryState;
  timingsMs: Record<string, number>;
}

/** A reply as it comes about. Its tokens together are the text of the reply in `done`, which is always the last. */
export type ChatEvent =
  | { type: 'token'; text: string }
  | { type: 'tool'; use: ToolUse }
  | { type: 'done'; reply: ChatReply };

export interface ChatService {
  /**
   * Answers a message and keeps it. There is a reply whatever is down, without memory if need be. Throws ProblemError 503 only when
   * the message can be kept nowhere: then nothing was done.
   */
  chat(request: ChatRequest, deadline: Deadline): Promise<ChatReply>;
  /** The same piece by piece. A deadline that ends, as it does when the client leaves, stops the chat model; what was said is kept. */
  stream(request: ChatRequest, deadline: Deadline): AsyncIterable<ChatEvent>;
}
