import { randomUUID } from 'node:crypto';
import type { NewMemory } from '../../shared/memory/provider';

/** A verbatim write of one sentence, as the outbox and providers take it. */
export function aNewMemory(changes: Partial<NewMemory> & { text?: string } = {}): NewMemory {
  const { text = 'My locker is number 12.', ...rest } = changes;
  return {
    operationId: randomUUID(),
    userId: 'ana',
    utterances: [{ role: 'user', name: 'Ana', content: text, at: null }],
    type: 'fact',
    topic: null,
    tags: ['gym'],
    metadata: { Source: 'test', nested: { user_id: 1 } },
    sessionId: 'session-1',
    at: new Date('2026-02-01T08:00:00.123Z'),
    expiresAt: null,
    infer: false,
    ...rest,
  };
}
