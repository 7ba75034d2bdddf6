import { derivedId } from '../memory/derived-id';
import type { SourceRecord } from './mapping';

/** What a caller holds, as records whose ids derive from what they say: the same one twice has one id. */
export function toGivenRecords(
  userId: string,
  sessionId: string,
  said: { role: string | null; type: string; content: string; at: Date }[],
): SourceRecord[] {
  const times = new Map<string, number>();
  return [...said]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ role, type, content: text, at }) => {
      const key = derivedId('given', userId, sessionId, at.getTime(), role ?? '', type, text);
      const time = times.get(key) ?? 0;
      times.set(key, time + 1);
      return {
        ...{ id: derivedId(key, time), userId, sessionId, role, type, text, createdAt: at, updatedAt: at },
        ...{ topic: null, tags: [], metadata: {}, speaker: null, expiresAt: null, supersededBy: null },
      };
    });
}
