import { isDeepStrictEqual } from 'node:util';
import type { Memory } from '../memory/memory';
import type { SearchFilter } from './index';
import type { PointFacts } from './person-points';

type FilterFacts = Pick<PointFacts, 'type' | 'topic' | 'session' | 'speaker' | 'supersededBy' | 'createdAt'>;

/** Whether a point passes all of a filter but tags and metadata, which its facts do not hold. */
export function passes(facts: FilterFacts, filter: SearchFilter): boolean {
  const { types, topics, sessionId, speaker, supersededBy, since, until } = filter;
  return (
    (types?.includes(facts.type) ?? true) &&
    (topics?.includes(facts.topic ?? '') ?? true) &&
    (sessionId === undefined || facts.session === sessionId) &&
    (speaker === undefined || facts.speaker === speaker) &&
    (supersededBy === undefined || facts.supersededBy === supersededBy) &&
    (since === undefined || facts.createdAt >= since.getTime()) &&
    (until === undefined || facts.createdAt <= until.getTime())
  );
}

/** Whether a memory that no index holds passes all of a filter, and has not expired at `now`. */
export function isFitting(memory: Memory, { tags = [], metadata = {}, ...filter }: SearchFilter, now: Date): boolean {
  const facts = { ...memory, session: memory.sessionId, createdAt: memory.createdAt.getTime() };
  return (
    passes(facts, filter) &&
    (memory.expiresAt === null || memory.expiresAt > now) &&
    tags.every((tag) => memory.tags.includes(tag)) &&
    Object.entries(metadata).every(([key, value]) => isDeepStrictEqual(memory.metadata[key], value))
  );
}
