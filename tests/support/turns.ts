import { randomUUID } from 'node:crypto';
import type { TranscriptTurn } from '../../shared/chat/transcript';

/** A message and its reply, as the chat keeps them. */
export const aTurn = (changes: Partial<TranscriptTurn> = {}): TranscriptTurn => ({
  ...{ id: randomUUID(), userId: 'ana', conversationId: 'conversation-1', isGroup: false },
  ...{ message: 'Hello!', reply: 'Hello to you!', personality: 'zen', tools: [], told: [], pending: null },
  ...{ at: new Date('2026-02-01T08:00:00Z'), extractedAt: null },
  ...changes,
});
