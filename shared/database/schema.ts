import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Memory, Metadata } from '../memory/memory';
import type { MemoryChange, NewMemory } from '../memory/provider';
import { bytes, moment } from './columns';

/** The data of Keepsake. `npm run migration` writes the SQL of a change into migrations/; both engines run the same files. */

const userId = () => text('user_id').notNull();

/** Everybody somebody said something to us about. */
export const people = pgTable('people', {
  userId: text('user_id').primaryKey(),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** Counts the changes of this person's index points; a reader that knows version n asks for what came after it. */
  indexVersion: bigint('index_version', { mode: 'number' }).notNull().default(0),
});

/** Where a person is reached: a phone number is one address for WhatsApp, SMS and iMessage alike. */
export const channelAddresses = pgTable(
  'channel_addresses',
  {
    kind: text('kind').$type<'phone' | 'email' | 'telegram' | 'web'>().notNull(),
    /** E.164 for phones, lower case for e-mail. */
    address: text('address').notNull(),
    userId: userId(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.address] }), index('channel_addresses_by_user').on(t.userId)],
);

const memoryColumns = {
  userId: userId(),
  text: text('text').notNull(),
  type: text('type').notNull(),
  topic: text('topic'),
  tags: jsonb('tags').$type<string[]>().notNull(),
  metadata: jsonb('metadata').$type<Metadata>().notNull(),
  sessionId: text('session_id'),
  speaker: text('speaker'),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
  expiresAt: moment('expires_at'),
  supersededBy: uuid('superseded_by'),
};

/** The local provider's memories. `operation_id` is the write that made them. */
export const memories = pgTable(
  'memories',
  { id: uuid('id').primaryKey(), operationId: uuid('operation_id').notNull(), ...memoryColumns },
  (t) => [
    index('memories_by_user').on(t.userId, t.createdAt.desc(), t.id.desc()),
    index('memories_by_operation').on(t.userId, t.operationId),
    index('memories_by_change').on(t.updatedAt),
  ],
);

/** History: outlives the memory it tells of. */
export const memoryEvents = pgTable(
  'memory_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    memoryId: uuid('memory_id').notNull(),
    userId: userId(),
    event: text('event').$type<'add' | 'update' | 'delete'>().notNull(),
    previousText: text('previous_text'),
    text: text('text'),
    at: moment('at').notNull(),
  },
  (t) => [index('memory_events_by_memory').on(t.memoryId, t.id)],
);

/** The room that a write comes from, where it keeps a row of its own that is to learn what became of it. */
export type Origin = 'exchange' | 'lead' | 'brain';

/**
 * A write on its way. A row leaves once provider and index both have it. `sheltered`: a second provider keeps it until then, an add under
 * these ids.
 */
export type OutboxWrite = { sheltered?: string[] } & (
  | /** `once`: its operation id comes from a message, which may come again. `failures`: how often the provider took it and gave it up. */
  { kind: 'add'; memory: NewMemory; once?: boolean; failures?: number; origin?: Origin }
  /** `changed`: the memory as the change makes it, should the provider have lost it. */
  | { kind: 'update'; memoryId: string; change: MemoryChange; changed?: Memory; origin?: Origin }
  /** `forget`: the words in its history go, too. */
  | { kind: 'delete'; memoryId: string; forget?: true }
);

export const outbox = pgTable(
  'outbox',
  {
    /** Order of acceptance. */
    sequence: bigint('sequence', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    operationId: uuid('operation_id').notNull().unique(),
    userId: userId(),
    write: jsonb('write').$type<OutboxWrite>().notNull(),
    /**
     * waiting: not sent, or known not to have arrived. sending: an attempt is under way, or its outcome is unknown.
     * pending: the provider took it and is at work on it. stored: the provider has it, the index not yet. dead: refused for good.
     */
    state: text('state').$type<'waiting' | 'sending' | 'pending' | 'stored' | 'dead'>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** When it was last sent, until when that may arrive, and the provider's event that tells what became of it. */
    sentAt: moment('sent_at'),
    arrivesUntil: moment('arrives_until'),
    eventId: text('event_id'),
    nextAttemptAt: moment('next_attempt_at').notNull(),
    /** Until when the process that took the row may work on it. */
    leasedUntil: moment('leased_until'),
    lastError: text('last_error'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('outbox_by_user').on(t.userId, t.sequence), index('outbox_due').on(t.state, t.nextAttemptAt)],
);

/** The embedded index. A deleted point stays as a tombstone with its vectors emptied, so that readers learn of it by version. */
export const indexPoints = pgTable(
  'index_points',
  {
    id: uuid('id').notNull(),
    ...memoryColumns,
    version: bigint('version', { mode: 'number' }).notNull(),
    deleted: boolean('deleted').notNull().default(false),
    provisional: boolean('provisional').notNull(),
    /** Of the provider's memory, see search/content-hash.ts. */
    hash: text('hash').notNull(),
    /** 384 × int8, see search/sentence-vectors.ts. */
    sentence: bytes('sentence').notNull(),
    /** n × 64 × int8, see TokenVectors. */
    tokens: bytes('tokens').notNull(),
    /** [stem, count] pairs. */
    terms: jsonb('terms').$type<[string, number][]>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.id] }),
    index('index_points_by_version').on(t.userId, t.version),
    index('index_points_by_id').on(t.id),
  ],
);

/** Memories that were deleted: what was read of them before must not bring them back into the index. */
export const tombstones = pgTable(
  'tombstones',
  { memoryId: text('memory_id').primaryKey(), userId: userId(), at: moment('at').notNull() },
  (t) => [index('tombstones_by_user').on(t.userId, t.at)],
);

/** How far each person's index has come. A person whose `synced_to` is behind `changed_at` is due. */
export const syncState = pgTable(
  'sync_state',
  {
    userId: text('user_id').primaryKey(),
    /** When something of this person last changed at the provider, by its clock. */
    changedAt: moment('changed_at').notNull(),
    /** The `changed_at` that the index has. */
    syncedTo: moment('synced_to'),
    /** Every memory changed before this, by the provider's clock, is in the index. */
    watermark: moment('watermark'),
    /** Those tried least recently go first, so that one who fails, or always changes, holds up nobody. */
    attemptedAt: moment('attempted_at'),
    reconciledAt: moment('reconciled_at'),
    /** In a row. */
    failures: integer('failures').notNull().default(0),
    lastError: text('last_error'),
    /** Until when one process has this person for itself. */
    heldUntil: moment('held_until'),
    /** The first run that sent this person to the queue and waits for it, and until when no other run sends it again. */
    queuedRun: bigint('queued_run', { mode: 'number' }),
    queuedUntil: moment('queued_until'),
  },
  (t) => [
    index('sync_state_by_attempt').on(t.attemptedAt.asc().nullsFirst()),
    index('sync_state_queued').on(t.queuedRun).where(sql`queued_run is not null`),
  ],
);

/** Runs of sync and reconcile. What drifted is counted by `full` runs only. */
export const syncRuns = pgTable(
  'sync_runs',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind').$type<'changed' | 'full'>().notNull(),
    startedAt: moment('started_at').notNull(),
    endedAt: moment('ended_at').notNull(),
    /** Whether it got to everybody: then the index is as new as its start. */
    complete: boolean('complete').notNull(),
    /** Everybody in it was sent to the queue: it is complete once nobody waits there for it or an earlier one. */
    queued: boolean('queued').notNull().default(false),
    people: integer('people').notNull(),
    written: integer('written').notNull(),
    removed: integer('removed').notNull(),
    errors: integer('errors').notNull(),
    missing: integer('missing').notNull(),
    changed: integer('changed').notNull(),
    orphaned: integer('orphaned').notNull(),
    /** Of facts: rows without a memory, with another value than theirs, and memories without a row. */
    factsMissing: integer('facts_missing').notNull().default(0),
    factsChanged: integer('facts_changed').notNull().default(0),
    factsOrphaned: integer('facts_orphaned').notNull().default(0),
  },
  (t) => [index('sync_runs_by_start').on(t.startedAt.desc())],
);

/** Work that only one process may do at a time. */
export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  holder: uuid('holder').notNull(),
  heldUntil: moment('held_until').notNull(),
});

/** First answers by the channel's message id: the same message twice gets the same result. */
export const processedMessages = pgTable(
  'processed_messages',
  {
    userId: userId(),
    door: text('door').notNull(),
    messageId: text('message_id').notNull(),
    answer: jsonb('answer').notNull(),
    at: moment('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.door, t.messageId] })],
);

/** Counters and latency histograms in slices of five minutes, added up over instances. `bucket` is the upper bound in ms, or -1 for a plain counter. */
export const statCounters = pgTable(
  'stat_counters',
  {
    name: text('name').notNull(),
    slice: moment('slice').notNull(),
    bucket: doublePrecision('bucket').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.slice, t.name, t.bucket] })],
);
