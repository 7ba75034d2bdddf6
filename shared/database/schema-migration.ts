import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
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

/** Somebody whose items are planned, all of them; `done_at` once all are settled. */
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

/** Where a memory of ours lies at Zep: its message's or episode's own ids, in the order of its pieces. */
export const zepIds = pgTable(
  'zep_ids',
  {
    memoryId: uuid('memory_id').notNull(),
    userId: text('user_id').notNull(),
    piece: integer('piece').notNull(),
    kind: text('kind').$type<'message' | 'episode'>().notNull(),
    threadId: text('thread_id'),
    /** Zep's; null while an attempt to write it is under way or of unknown outcome. */
    zepId: text('zep_id'),
    operationId: uuid('operation_id').notNull(),
    at: moment('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.memoryId, t.piece] }),
    index('zep_ids_by_user').on(t.userId, t.at),
    index('zep_ids_by_operation').on(t.operationId),
    index('zep_ids_by_zep_id').on(t.zepId),
  ],
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
