import { createHash } from 'node:crypto';
import { z } from 'zod';
import { keepable } from './keepable';
import type { Memory, MemoryEvent, PersonSummary } from './memory';
import type { NewMemory } from './provider';

/**
 * Mem0's words and ours. What Mem0 has no place for travels in its metadata: two plain keys, because its filters reach only those,
 * and `keepsake` with the rest, the caller's own metadata among it, so that it comes back as it was. Sessions are no Mem0 runs: a
 * person is one scope there, and a run would split it.
 */
export const operationKey = 'keepsake_operation';
export const typeKey = 'keepsake_type';

const date = z.coerce.date();
const record = z.record(z.string(), z.unknown());

/** Of a memory of ours, in its metadata. */
const ours = z.object({
  topic: z.string().nullable(),
  tags: z.array(z.string()),
  sessionId: z.string().nullable(),
  speaker: z.string().nullable(),
  at: date,
  expiresAt: date.nullable(),
  /** What a person said since then; Mem0's own `replaced_by` is what it found out itself. */
  supersededBy: z.string().nullish(),
  metadata: record,
  /** Who said what and when, by `digest`, where one write made several memories of several turns. */
  turns: z.record(z.string(), z.object({ speaker: z.string().nullable(), at: date })).optional(),
});

/** A memory as lists, single reads and search give it. Only what is used; whatever else there is may change. */
export const mem0Row = z
  .object({
    id: z.string(),
    memory: z.string(),
    userId: z.string().nullish(),
    sessionId: z.string().nullish(),
    runId: z.string().nullish(),
    metadata: record.nullish(),
    createdAt: date,
    updatedAt: date.nullish(),
    expirationDate: z.string().nullish(),
    replacedBy: z.string().nullish(),
  })
  .transform(keepable);
export type Mem0Row = z.output<typeof mem0Row>;

export const mem0Page = <T extends z.ZodType>(item: T) =>
  z.object({ next: z.string().nullish(), results: z.array(item) });

export const mem0Found = z.object({ results: z.array(mem0Row) });

const stored = z.object({
  id: z.string(),
  event: z.string().nullish(),
  memory: z.string().nullish(),
  data: z.object({ memory: z.string().nullish() }).nullish(),
});

/** The reply to an add: what was stored at once, or an event to ask about. */
export const mem0Added = z
  .object({ status: z.string().nullish(), results: z.array(stored).nullish(), eventId: z.string().nullish() })
  .transform(({ status, results, eventId }, context): { results: z.output<typeof stored>[] } | { eventId: string } => {
    if (results && status !== 'PENDING') return { results };
    if (eventId) return { eventId };
    context.addIssue('neither results nor an event');
    return z.NEVER;
  });

export const mem0Event = z.object({
  id: z.string(),
  status: z.string(),
  payload: z.object({ metadata: record.nullish() }).nullish(),
  results: z.array(stored.partial()).nullish(),
  createdAt: date,
});

export const mem0History = z.array(
  z.object({
    memoryId: z.string(),
    event: z.enum(['ADD', 'UPDATE', 'DELETE']),
    oldMemory: z.string().nullish(),
    newMemory: z.string().nullish(),
    createdAt: date,
  }),
);

export const mem0Entity = z
  .object({
    name: z.string(),
    type: z.string(),
    updatedAt: date,
    totalMemories: z.number().nullish(),
  })
  .transform(keepable);

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
const toDay = (at: Date) => at.toISOString().slice(0, 10);

/** Mem0 knows days: it hides a memory when its day is over. */
export const toExpirationDate = (expiresAt: Date | null): string | null => expiresAt && toDay(expiresAt);

/** The metadata of everything that a write makes. */
export function toNewMetadata({
  operationId,
  utterances,
  infer,
  at,
  supersededBy,
  ...memory
}: NewMemory): Record<string, unknown> {
  const { type, topic, tags, sessionId, expiresAt, metadata } = memory;
  const turns = utterances.map((turn) => [digest(turn.content), { speaker: turn.name, at: turn.at ?? at }] as const);
  const speakers = new Set(utterances.map(({ name }) => name));
  const [speaker = null] = speakers.size === 1 ? speakers : [];
  const isOneTurn = utterances.length === 1;
  const moment = (isOneTurn && utterances[0]?.at) || at;
  const own = { topic, tags, sessionId, speaker, expiresAt, supersededBy, metadata, at: moment };
  const kept = isOneTurn || infer ? own : { ...own, turns: Object.fromEntries(turns) };
  return { [operationKey]: operationId, [typeKey]: type, keepsake: kept };
}

/** The metadata of a memory that was changed; keys of others stay as they are. */
export function toChangedMetadata(row: Mem0Row, memory: Memory): Record<string, unknown> {
  const { type, topic, tags, sessionId, speaker, createdAt: at, expiresAt, supersededBy, metadata } = memory;
  const kept = { topic, tags, sessionId, speaker, at, expiresAt, supersededBy, metadata };
  return { ...row.metadata, [typeKey]: type, keepsake: kept };
}

/** A row as a memory; one that no Keepsake wrote keeps its metadata, and its `type` where it says one. */
export function toMemory(row: Mem0Row, userId = row.userId ?? ''): Memory {
  const { keepsake, ...foreign } = row.metadata ?? {};
  const known = ours.safeParse(keepsake).data;
  const type = foreign[typeKey] ?? (known ? undefined : foreign.type);
  const turn = known?.turns?.[digest(row.memory)];
  return {
    id: row.id,
    userId,
    text: row.memory,
    type: typeof type === 'string' ? type : 'fact',
    topic: known?.topic ?? null,
    tags: known?.tags ?? [],
    metadata: known?.metadata ?? row.metadata ?? {},
    sessionId: known?.sessionId ?? row.sessionId ?? row.runId ?? null,
    speaker: turn?.speaker ?? known?.speaker ?? null,
    createdAt: turn?.at ?? known?.at ?? row.createdAt,
    updatedAt: row.updatedAt ?? row.createdAt,
    expiresAt: toExpiresAt(row.expirationDate ?? null, known?.expiresAt ?? null),
    supersededBy: row.replacedBy ?? known?.supersededBy ?? null,
  };
}

/** Our own moment where it is on Mem0's day; else the end of that day: somebody else has set it. */
function toExpiresAt(expirationDate: string | null, exact: Date | null): Date | null {
  if (expirationDate === null) return null;
  return exact && toDay(exact) === expirationDate ? exact : new Date(`${expirationDate}T23:59:59.999Z`);
}

/** What an add stored at once. */
export function toStored(results: z.output<typeof stored>[], write: NewMemory, now: Date): Memory[] {
  const metadata: Record<string, unknown> = JSON.parse(JSON.stringify(toNewMetadata(write)));
  return results.map(({ id, memory, data }) => {
    const text = memory ?? data?.memory ?? write.utterances.map(({ content }) => content).join('\n');
    const expirationDate = toExpirationDate(write.expiresAt);
    return toMemory({
      id,
      memory: text,
      userId: write.userId,
      metadata,
      createdAt: write.at,
      updatedAt: now,
      expirationDate,
    });
  });
}

export const toHistory = (entries: z.output<typeof mem0History>): MemoryEvent[] =>
  entries
    .map(({ memoryId, event, oldMemory, newMemory, createdAt }) => ({
      memoryId,
      event: event.toLowerCase() as MemoryEvent['event'],
      previousText: oldMemory ?? (event === 'DELETE' ? (newMemory ?? null) : null),
      text: event === 'DELETE' ? null : (newMemory ?? null),
      at: createdAt,
    }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());

export const toPerson = ({ name, updatedAt, totalMemories }: z.output<typeof mem0Entity>): PersonSummary => ({
  userId: name,
  memories: totalMemories ?? null,
  lastMemoryAt: updatedAt,
});
