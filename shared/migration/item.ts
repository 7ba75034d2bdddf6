import { createHash } from 'node:crypto';
import type { Memory } from '../memory/memory';
import type { NewMemory } from '../memory/provider';
import { inOrder } from '../search/content-hash';
import type { MigrationItem } from './migration-contract';

type Content = Pick<
  Memory,
  'type' | 'topic' | 'tags' | 'metadata' | 'sessionId' | 'speaker' | 'createdAt' | 'expiresAt'
>;

/** sha256, hex, over all that is to arrive unchanged. */
const hash = (text: string, content: Content): string => {
  const { type, topic, tags, metadata, sessionId, speaker, createdAt, expiresAt } = content;
  const all = [text, type, topic, tags, metadata, sessionId, speaker, createdAt, expiresAt];
  return createHash('sha256').update(JSON.stringify(all, inOrder)).digest('hex');
};

export const hashOfItem = (item: MigrationItem): string => hash(item.content, item);
export const hashOfMemory = (memory: Memory): string => hash(memory.text, memory);

/** The write that brings an item: its words as they are, at the time they were said. */
export function toNewMemory(item: MigrationItem, operationId: string): NewMemory {
  const { userId, role, speaker, content, type, topic, tags, metadata, sessionId, createdAt: at, expiresAt } = item;
  const utterances = [{ role, name: speaker, content, at }];
  return { operationId, userId, utterances, type, topic, tags, metadata, sessionId, at, expiresAt, infer: false };
}
