import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { Metadata } from '../memory/memory';
import { moment } from './columns';

/** What moving memories from one provider to another leaves behind: runs, the checkpoint of every item, and Zep's own ids. */

/** A run of the migration, and what it was asked. */
export const migrationRuns = pgTable('migration_runs', {
  id: uuid('id').primaryKey(),
  source: text('source').notNull(),
  target: text('target').notNull(),
  /** What was asked; see migration/migration-contract.ts. */
  request: jsonb('request').$type<Record<string, unknown>>().notNull(),
  state: text('state').$type<'running' | 'paused' | 'done' | 'failed' | 'rolled_back'>().notNull(),
  /** Records of a file that could not be used, by code. */
  problems: jsonb('problems').$type<Record<string, number>>().notNull(),
  /** To the target, so far. */
  calls: integer('calls').notNull().default(0),
  lastError: text('last_error'),
  /** The process that has it for itself, and until when: what another one finds checkpointed is never of two of them. */
  holder: uuid('holder'),
  leasedUntil: moment('leased_until'),
  startedAt: moment('started_at').notNull(),
  endedAt: moment('ended_at'),
  /** Until when the source is to be kept, once the run was archived. */
  keepUntil: moment('keep_until'),
});

/** Somebody who was begun with; `done_at` once each of their items is settled. */
export const migrationPeople = pgTable(
  'migration_people',
  { runId: uuid('run_id').notNull(), userId: text('user_id').notNull(), doneAt: moment('done_at') },
  (t) => [primaryKey({ columns: [t.runId, t.userId] })],
);

/**
 * One memory, message or snapshot on its way. It is `sent` before its attempt and `done` after it, so that a killed run looks first.
 * `stored`: arrived, and to be tied to what superseded it. `present`: an earlier run had brought it.
 */
export const migrationItems = pgTable(
  'migration_items',
  {
    runId: uuid('run_id').notNull(),
    userId: text('user_id').notNull(),
    sourceId: text('source_id').notNull(),
    /** Order within the person: oldest first. */
    position: integer('position').notNull(),
    kind: text('kind').$type<'message' | 'memory' | 'metadata'>().notNull(),
    state: text('state')
      .$type<'planned' | 'sent' | 'stored' | 'done' | 'present' | 'poison' | 'rolled_back'>()
      .notNull(),
    /** The operation that the target knows it by, and what the target made of it. */
    operationId: uuid('operation_id').notNull(),
    targetIds: jsonb('target_ids').$type<string[]>().notNull(),
    /** Of what was to arrive, all of it: sha256, hex. */
    contentHash: text('content_hash').notNull(),
    sessionId: text('session_id'),
    sourceCreatedAt: moment('source_created_at').notNull(),
    /** What the mapping has no entry for. */
    unmapped: jsonb('unmapped').$type<string[]>().notNull(),
    /** Why it was set aside: a code, never a vendor's words. */
    reason: text('reason'),
    sentAt: moment('sent_at'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.userId, t.sourceId] }),
    index('migration_items_by_person').on(t.runId, t.userId, t.position),
    index('migration_items_by_source').on(t.userId, t.sourceId),
  ],
);

/**
 * Where a memory lies at Zep, in the order of its pieces: a row is there before its piece is sent, so that nothing is ever sent twice. It
 * stays when the memory is gone, and says that it was there. Zep tells neither when something changed nor whose an episode is: this does.
 */
export const zepIds = pgTable(
  'zep_ids',
  {
    memoryId: uuid('memory_id').notNull(),
    /** Counts the texts that the memory has had: Zep changes none, so that each is new pieces. */
    version: integer('version').notNull(),
    piece: integer('piece').notNull(),
    userId: text('user_id').notNull(),
    operationId: uuid('operation_id').notNull(),
    kind: text('kind').$type<'message' | 'episode'>().notNull(),
    threadId: text('thread_id'),
    /** Zep's; null while an attempt to write it is under way or of unknown outcome. */
    zepId: text('zep_id'),
    /** sending: see `zepId`. stored: it is there. stale: it is to be taken out of Zep. gone: it is no longer there. */
    state: text('state').$type<'sending' | 'stored' | 'stale' | 'gone'>().notNull(),
    type: text('type').notNull(),
    /** The memory's metadata, where Zep has no room for them. */
    metadata: jsonb('metadata').$type<Metadata>(),
    /** When it was said. */
    at: moment('at').notNull(),
    /** When it is to be deleted: Zep knows no such thing. */
    expiresAt: moment('expires_at'),
    /** When it was last written, by our clock. */
    changedAt: moment('changed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.memoryId, t.version, t.piece] }),
    index('zep_ids_by_user').on(t.userId, t.at.desc(), t.memoryId.desc()),
    index('zep_ids_by_operation').on(t.operationId),
    index('zep_ids_by_zep_id').on(t.zepId),
    index('zep_ids_by_change').on(t.changedAt),
  ],
);

/** The history of memories at Zep, which keeps none; as `memory_events` is that of the local provider's. */
export const zepEvents = pgTable(
  'zep_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    memoryId: uuid('memory_id').notNull(),
    userId: text('user_id').notNull(),
    event: text('event').$type<'add' | 'update' | 'delete'>().notNull(),
    previousText: text('previous_text'),
    text: text('text'),
    at: moment('at').notNull(),
  },
  (t) => [index('zep_events_by_memory').on(t.memoryId, t.id)],
);

/** Who keeps whom, while new people are kept by another provider than those before: its name, or null for the first one. */
export const personHomes = pgTable('person_homes', {
  userId: text('user_id').primaryKey(),
  provider: text('provider').$type<'mem0' | 'zep' | 'local'>(),
  at: moment('at').notNull(),
});

/** Under which id a provider has a memory that others know by another one: what a second provider kept, or keeps along. */
export const memoryAliases = pgTable(
  'memory_aliases',
  {
    provider: text('provider').$type<'mem0' | 'zep' | 'local'>().notNull(),
    alias: uuid('alias').notNull(),
    memoryId: uuid('memory_id').notNull(),
    userId: text('user_id').notNull(),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.alias] }), index('memory_aliases_by_user').on(t.userId)],
);

/** What the second provider of a parallel run gave beside the first, question by question: ids and times, no words. */
export const shadowReads = pgTable(
  'shadow_reads',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: moment('at').notNull(),
    kind: text('kind').$type<'search' | 'list' | 'add' | 'update' | 'delete'>().notNull(),
    /** Share of the first's ten best that the second has, too; null where it failed, and for writes. */
    overlap: integer('overlap_percent'),
    firstMs: integer('first_ms').notNull(),
    secondMs: integer('second_ms'),
    error: text('error'),
  },
  (t) => [index('shadow_reads_by_time').on(t.at)],
);
