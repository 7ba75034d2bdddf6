import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { Metadata } from '../memory/memory';
import { moment } from './columns';

/** What calls leave behind: exchanges, the callers' names, and what became of a lead. */

/** A question and its answer. The row is there before the provider has it, and stays readable while the provider is down. */
export const exchanges = pgTable(
  'exchanges',
  {
    /** Sorts by time, see conversations/exchange-id.ts; the caller's name for it, for good. */
    id: text('id').primaryKey(),
    /** The write that carries it to the provider. */
    operationId: uuid('operation_id').notNull().unique(),
    userId: text('user_id').notNull(),
    sessionId: text('session_id').notNull(),
    callId: text('call_id'),
    /** What the caller said, and what the agent answered; either may be empty. */
    query: text('query').notNull(),
    answer: text('answer').notNull(),
    tags: jsonb('tags').$type<string[]>().notNull(),
    metadata: jsonb('metadata').$type<Metadata>().notNull(),
    at: moment('at').notNull(),
    /** The provider's memory and its topic; null until it has one. */
    memoryId: text('memory_id'),
    topic: text('topic'),
  },
  (t) => [
    index('exchanges_by_user').on(t.userId, t.at.desc(), t.id.desc()),
    index('exchanges_by_memory').on(t.memoryId),
    index('exchanges_by_session').on(t.sessionId, t.at.desc(), t.id.desc()),
  ],
);

/** How a person was called, once a spelling; `folded` is without accents and case, see conversations/names.ts. */
export const personNames = pgTable(
  'person_names',
  {
    userId: text('user_id').notNull(),
    folded: text('folded').notNull(),
    name: text('name').notNull(),
    trigrams: text('trigrams').array().notNull(),
    lastSeenAt: moment('last_seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.folded] }),
    index('person_names_by_folded').on(t.folded),
    index('person_names_by_trigram').using('gin', t.trigrams),
  ],
);

/** What was said of a lead after a call: a row is a version, and the later one is the newer. */
export const leads = pgTable(
  'leads',
  {
    /** The version's own id, and the write's that carries it to the provider. */
    id: uuid('id').primaryKey(),
    /** The lead's: the caller's own word for it, else one of ours. */
    leadId: text('lead_id').notNull(),
    userId: text('user_id').notNull(),
    sessionId: text('session_id').notNull(),
    callId: text('call_id'),
    data: jsonb('data').$type<Metadata>().notNull(),
    transcriptSummary: text('transcript_summary'),
    at: moment('at').notNull(),
    memoryId: text('memory_id'),
  },
  (t) => [
    index('leads_by_lead').on(t.leadId, t.at.desc()),
    index('leads_by_memory').on(t.memoryId),
    index('leads_by_user').on(t.userId, t.at.desc()),
    index('leads_by_session').on(t.sessionId, t.at.desc()),
  ],
);
