import type { CircuitName } from '../resilience/policy';
import type { ToolRun, ToolUse } from './tool-runner';

/** Why the chat model gave no reply that can be used. `refused`: it would not answer; `nonsense`: nothing that is one. */
export type ModelErrorCode = 'timeout' | 'unavailable' | 'refused' | 'nonsense';

/** A failure of the chat model, made by chat/model.ts and nothing else. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly code: ModelErrorCode,
    options?: ErrorOptions,
  ) {
    super(`chat model: ${code}`, options);
  }
}

/** One thing that was said before, as the model sees it. */
export interface ModelTurn {
  role: 'user' | 'assistant';
  content: string;
}

export interface ModelRequest {
  /** Rules and what is known; see chat/prompt.ts. */
  system: string;
  /** Oldest first; the last one is the message to answer. */
  turns: ModelTurn[];
  /** Carries out and records what the model calls for. */
  tools: ToolRun;
}

/** A reply as it comes about: a piece of text, or a tool that was used. */
export type ModelEvent = { type: 'token'; text: string } | { type: 'tool'; use: ToolUse };

/** What a model took from an exchange. */
export interface ExtractedFact {
  /** One sentence in the third person or the person's own words. */
  text: string;
  type: 'fact' | 'preference';
  /** 0 to 1. */
  confidence: number;
  /** Ids of the memories that it contradicts, of those that were shown. */
  replaces: string[];
}

export interface ExtractionRequest {
  message: string;
  reply: string;
  at: Date;
  /** What is known already that might say the same, or the opposite. */
  known: { id: string; text: string }[];
}

/** A chat model. Both methods take at most CHAT_TIMEOUT_SECONDS, and reject with `ModelError` and nothing else. */
export interface ChatModel {
  /**
   * Streams a reply, carrying out tools in between, at most five steps. Ends where the reply is complete; throws where it fails, what
   * came before stands. Leaving the loop, or the signal, ends the call.
   */
  reply(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  extract(request: ExtractionRequest, signal: AbortSignal): Promise<ExtractedFact[]>;
  circuit(): CircuitName;
  /** Loads what the first call needs, ahead of it. Never rejects. */
  warm(): Promise<void>;
}
