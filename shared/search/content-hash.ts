import { createHash } from 'node:crypto';
import type { Memory } from '../memory/memory';

/** Counts what changes points without a change of the memory: the model, the tokens, the stems. */
const pointVersion = 1;

/** What two copies of a memory have alike when an index need not be written again: 16 characters of SHA-256 over all but its id and `updatedAt`. */
export function contentHash({ text, type, topic, tags, metadata, sessionId, speaker, ...memory }: Memory): string {
  const { createdAt, expiresAt, supersededBy } = memory;
  const content = [
    pointVersion,
    text,
    type,
    topic,
    tags,
    metadata,
    sessionId,
    speaker,
    createdAt,
    expiresAt,
    supersededBy,
  ];
  return createHash('sha256').update(JSON.stringify(content, inOrder)).digest('base64url').slice(0, 16);
}

/** For `JSON.stringify`: equal objects make equal text, whatever the order of their keys. */
export const inOrder = (_: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
