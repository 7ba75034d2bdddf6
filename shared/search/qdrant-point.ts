import { v5, validate } from 'uuid';
import { z } from 'zod';
import type { Memory, Metadata } from '../memory/memory';
import { textCues } from './cues';
import type { IndexPoint } from './index';
import { tokenDimensions } from './late-interaction';
import { toPairs } from './qdrant-filter';
import { packStems, toSparse } from './qdrant-terms';
import { toInt8 } from './sentence-vectors';

/** Namespace of the point ids that stand for memory ids which are no UUIDs (RFC 9562, version 5). */
const foreignIds = 'c1d7b1c6-5f3b-4e58-9a55-0d2a3f0c7a41';

/** A point's id must be a UUID, and comes back in lower case; any other memory id is made into one. */
export const pointIdOf = (memoryId: string): string =>
  validate(memoryId) && memoryId === memoryId.toLowerCase() ? memoryId : v5(memoryId, foreignIds);

/** A sentence vector as Qdrant gets it: in the eight bits a component that the embedded index has, too, and so a third as long in JSON. */
export const toContent = (sentence: Float32Array): number[] => Array.from(toInt8(sentence));

/** A point as Qdrant stores it. What is null, empty or false is left out, which saves a third of a reply. */
export function toStored(userId: string, { memory, embedding, terms, provisional, hash }: IndexPoint) {
  const { stems, values } = embedding.tokens;
  const { isQuestion, hasTime, hasNumber } = textCues(memory.text);
  return {
    id: pointIdOf(memory.id),
    vector: {
      content: toContent(embedding.sentence),
      ...(stems.length > 0 && { tokens: toRows(values, stems.length) }),
      ...(terms.size > 0 && { terms: toSparse(terms) }),
    },
    payload: {
      user_id: userId,
      memory_id: pointIdOf(memory.id) === memory.id ? undefined : memory.id,
      text: memory.text,
      type: memory.type,
      topic: memory.topic ?? undefined,
      tags: memory.tags.length > 0 ? memory.tags : undefined,
      metadata: isEmpty(memory.metadata) ? undefined : JSON.stringify(memory.metadata),
      metadata_pairs: isEmpty(memory.metadata) ? undefined : toPairs(memory.metadata),
      session_id: memory.sessionId ?? undefined,
      speaker: memory.speaker ?? undefined,
      created_at: memory.createdAt.toISOString(),
      updated_at: memory.updatedAt.toISOString(),
      expires_at: memory.expiresAt?.toISOString(),
      superseded_by: memory.supersededBy ?? undefined,
      provisional: provisional || undefined,
      hash,
      is_question: isQuestion || undefined,
      has_time: hasTime || undefined,
      has_number: hasNumber || undefined,
      stems: packStems(terms),
    },
  };
}

const text = z.string().nullable().default(null);
const date = z.coerce.date();
const flag = z.boolean().default(false);
const score = z.number().default(0);
/** Grows with every write; what was written together has the same. */
const version = z.number().default(0);

/** What the memories around a memory say for it. */
const company = { stems: z.string(), session_id: text, created_at: date };
export const companyFields = Object.keys(company);

/** A point as sync compares it. */
export const markedPoint = z.object({
  id: z.string(),
  payload: z.object({ memory_id: text, provisional: flag, hash: z.string().default('') }),
});
export const markFields = ['memory_id', 'provisional', 'hash'];

/** A point's memory, and whose it is. */
export const ownedPoint = z.object({
  id: z.string(),
  payload: z.object({ memory_id: text, user_id: z.string() }),
});
export const ownerFields = ['memory_id', 'user_id'];

/** A point as the sub-queries for scores and for company give it. */
export const scoredPoint = z.object({ id: z.string(), version, score, payload: z.object(company).nullish() });
export type ScoredPoint = z.infer<typeof scoredPoint>;

/** What is read of a point. Metadata is a string, so that nothing on the way reorders its keys or makes a BigInt of a number. */
export const storedPoint = z.object({
  ...{ id: z.string(), version, score },
  payload: z.object({
    ...company,
    ...{ user_id: z.string(), memory_id: text, text: z.string(), metadata: z.string().default('{}') },
    ...{ type: z.string(), topic: text, tags: z.array(z.string()).default([]), speaker: text, superseded_by: text },
    ...{ updated_at: date, expires_at: date.nullable().default(null), provisional: flag },
    ...{ is_question: flag, has_time: flag, has_number: flag },
  }),
});
export type StoredPoint = z.infer<typeof storedPoint>;

/** The memory that a point was made of. */
export function fromStored({ id, payload }: StoredPoint): Memory {
  return {
    id: payload.memory_id ?? id,
    userId: payload.user_id,
    text: payload.text,
    type: payload.type,
    topic: payload.topic,
    tags: payload.tags,
    metadata: JSON.parse(payload.metadata) as Metadata,
    sessionId: payload.session_id,
    speaker: payload.speaker,
    createdAt: payload.created_at,
    updatedAt: payload.updated_at,
    expiresAt: payload.expires_at,
    supersededBy: payload.superseded_by,
  };
}

/** Token vectors as rows of whole numbers. */
export const toRows = (values: Int8Array, rows: number): number[][] =>
  Array.from({ length: rows }, (_, row) =>
    Array.from(values.subarray(row * tokenDimensions, (row + 1) * tokenDimensions)),
  );

const isEmpty = (object: object) => Object.keys(object).length === 0;
