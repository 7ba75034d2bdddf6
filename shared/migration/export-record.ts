import { z } from 'zod';
import { keepable } from '../memory/keepable';
import { toMemory } from '../memory/mem0-mapping';
import type { SourceRecord } from './mapping';

/** With or without a zone: Python writes none, and means UTC. */
const moment = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/,
    'must be a time as in 2026-01-31T08:00:00Z',
  )
  .transform((text) => new Date(/[T ].*(Z|[+-]\d{2}:?\d{2})$/.test(text) || text.length === 10 ? text : `${text}Z`))
  .refine((at) => !Number.isNaN(at.getTime()), 'is no day of the calendar');
const word = z.string().min(1).max(256);
const words = z.array(z.string());
const metadata = z.record(z.string(), z.unknown());
const userId = z.string().regex(/^[A-Za-z0-9._:@+-]{1,128}$/, 'must be 1 to 128 letters, digits and . _ : @ + -');

/** A record of `keepsake export`. docs/migration.md says what each field is. */
const ours = z.object({
  id: word,
  user_id: userId,
  text: z.string(),
  type: word.default('fact'),
  role: word.nullish(),
  speaker: z.string().nullish(),
  session_id: word.nullish(),
  topic: z.string().nullish(),
  tags: words.default([]),
  metadata: metadata.default({}),
  created_at: moment,
  updated_at: moment.nullish(),
  expires_at: moment.nullish(),
  superseded_by: word.nullish(),
});

/** A memory as Mem0 lists and exports it. Mem0 API reference, "Get all memories". */
const mem0s = z.object({
  id: word,
  user_id: userId,
  memory: z.string(),
  metadata: metadata.nullish(),
  categories: words.nullish(),
  session_id: word.nullish(),
  run_id: word.nullish(),
  created_at: moment,
  updated_at: moment.nullish(),
  expiration_date: z.iso.date().nullish(),
  replaced_by: word.nullish(),
});

export type ReadRecord = { record: SourceRecord } | { field: string; message: string };

/** A value of an export as a record, or its first field that does not fit and why, in no words of the value's. Mem0's categories become tags. */
export function readRecord(value: unknown): ReadRecord {
  const isMem0s = typeof value === 'object' && value !== null && 'memory' in value;
  const { data, error } = (isMem0s ? mem0s : ours).safeParse(value);
  if (!data) {
    const [issue] = error.issues;
    const field = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return { field, message: issue?.message ?? 'does not fit' };
  }
  return { record: keepable('memory' in data ? fromMem0(data) : fromOurs(data as z.output<typeof ours>)) };
}

function fromOurs({ text, type, tags, ...row }: z.output<typeof ours>): SourceRecord {
  const { id, metadata, role = null, speaker = null, topic = null } = row;
  return {
    ...{ id, userId: row.user_id, text, type, role, speaker, topic, tags, metadata, sessionId: row.session_id ?? null },
    ...{ createdAt: row.created_at, updatedAt: row.updated_at ?? row.created_at },
    ...{ expiresAt: row.expires_at ?? null, supersededBy: row.superseded_by ?? null },
  };
}

function fromMem0({ id, memory, metadata, categories, ...row }: z.output<typeof mem0s>): SourceRecord {
  const known = toMemory({
    ...{ id, memory, metadata, userId: row.user_id, sessionId: row.session_id, runId: row.run_id },
    ...{ createdAt: row.created_at, updatedAt: row.updated_at },
    ...{ expirationDate: row.expiration_date, replacedBy: row.replaced_by },
  });
  return { ...known, tags: known.tags.length > 0 ? known.tags : (categories ?? []), role: null };
}

/** A record as a line of an export. */
export const toLine = (record: SourceRecord): string =>
  JSON.stringify({
    ...{ id: record.id, user_id: record.userId, text: record.text, type: record.type, role: record.role },
    ...{ speaker: record.speaker, session_id: record.sessionId, topic: record.topic, tags: record.tags },
    ...{ metadata: record.metadata, created_at: record.createdAt, updated_at: record.updatedAt },
    ...{ expires_at: record.expiresAt, superseded_by: record.supersededBy },
  });
