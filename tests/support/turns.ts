import { randomUUID } from 'node:crypto';
import type { TranscriptTurn } from '../../shared/chat/transcript';

/** A turn of a conversation, with what a test does not care about filled in. */
export const aTurn = (turn: Partial<TranscriptTurn> = {}): TranscriptTurn => ({
  ...{ id: randomUUID(), userId: 'ana', conversationId: 'chat', isGroup: false, message: 'Hi', reply: 'Hello!' },
  ...{
    personality: 'zen',
    tools: [],
    told: [],
    pending: null,
    at: new Date('2026-03-04T08:00:00Z'),
    extractedAt: null,
  },
  ...turn,
});
