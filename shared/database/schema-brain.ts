import { index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { Metadata } from '../memory/memory';
import { moment } from './columns';

/**
 * What is known of people and companies, one current value a slug, and the records that it is made from. Row-level security holds
 * who sees which of these rows, see row-security.ts.
 */

/**
 * Whose facts there are: one id is a person's or a company's and never both, for it is also their user_id at the provider. Whoever changes
 * facts locks the owner's row first.
 */
export const brainOwners = pgTable('brain_owners', {
  userId: text('user_id').primaryKey(),
  kind: text('kind').$type<'users' | 'companies'>().notNull(),
});

const factColumns = () => ({
  id: uuid('id').primaryKey(),
  slug: text('slug').notNull(),
  category: text('category').notNull(),
  /** The last value that was accepted. */
  content: text('content').notNull(),
  /** The provider's memory of it; null until it has one. */
  memoryId: text('memory_id'),
  /** The write that makes its memory: it is known by that one until it has an id. */
  addedBy: uuid('added_by').notNull(),
  /** The latest write that carries it to the provider. */
  operationId: uuid('operation_id').notNull(),
  /** synced: the provider has `content`. pending: on its way. failed: the provider refused it for good. */
  state: text('state').$type<'synced' | 'pending' | 'failed'>().notNull(),
  extraMetadata: jsonb('extra_metadata').$type<Metadata>().notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

/** People's. */
export const userBrain = pgTable('user_brain', { ownerId: text('user_id').notNull(), ...factColumns() }, (t) => [
  unique('user_brain_by_slug').on(t.ownerId, t.slug),
  unique('user_brain_by_memory').on(t.memoryId),
  index('user_brain_by_operation').on(t.operationId),
  index('user_brain_by_add').on(t.addedBy),
]);

/** Companies', in the same columns. */

export const companyBrain = pgTable(
  'company_brain',
  { ownerId: text('company_id').notNull(), ...factColumns() },
  (t) => [
    unique('company_brain_by_slug').on(t.ownerId, t.slug),
    unique('company_brain_by_memory').on(t.memoryId),
    index('company_brain_by_operation').on(t.operationId),
    index('company_brain_by_add').on(t.addedBy),
  ],
);

const eventColumns = () => ({
  /** Sorts by time. */
  id: uuid('id').primaryKey(),
  slug: text('slug').notNull(),
  event: text('event').$type<'add' | 'update' | 'delete'>().notNull(),
  /** us: it was saved or deleted here. provider: it was changed there, and is reflected here. */
  source: text('source').$type<'us' | 'provider'>().notNull(),
  previousContent: text('previous_content'),
  content: text('content'),
  at: moment('at').notNull(),
});

/** The history of slugs: outlives their rows. */
export const userBrainEvents = pgTable(
  'user_brain_events',
  { ownerId: text('user_id').notNull(), ...eventColumns() },
  (t) => [index('user_brain_events_by_slug').on(t.ownerId, t.slug, t.at)],
);

export const companyBrainEvents = pgTable(
  'company_brain_events',
  { ownerId: text('company_id').notNull(), ...eventColumns() },
  (t) => [index('company_brain_events_by_slug').on(t.ownerId, t.slug, t.at)],
);

/** Records of people, as the caller's own system has them: loaders make slugs of them. */
export const profiles = pgTable('profiles', {
  userId: text('user_id').primaryKey(),
  fullName: text('full_name'),
  email: text('email'),
  phone: text('phone'),
  role: text('role'),
  metadata: jsonb('metadata').$type<Metadata>().notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const companies = pgTable('companies', {
  companyId: text('company_id').primaryKey(),
  name: text('name'),
  taxRegime: text('tax_regime'),
  activity: text('activity'),
  legalRepresentative: text('legal_representative'),
  /** Days, as the caller wrote them: YYYY-MM-DD. */
  startDate: text('start_date'),
  accountingStart: text('accounting_start'),
  metadata: jsonb('metadata').$type<Metadata>().notNull(),
  updatedAt: moment('updated_at').notNull(),
});

/** Who may see a company's rows, and until when. */
export const companySessions = pgTable(
  'company_sessions',
  {
    userId: text('user_id').notNull(),
    companyId: text('company_id').notNull(),
    expiresAt: moment('expires_at').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.companyId] }), index('company_sessions_by_company').on(t.companyId)],
);

/** Work that is done behind the request that asked for it, in slices of bounded time, and goes on after a crash. */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind').$type<'load'>().notNull(),
    subject: text('subject').$type<'users' | 'companies'>().notNull(),
    /** The one that is loaded; null for all. */
    subjectId: text('subject_id'),
    state: text('state').$type<'queued' | 'running' | 'done' | 'failed'>().notNull(),
    /** The last one that is done: the next slice begins after it. */
    cursor: text('cursor'),
    total: integer('total').notNull().default(0),
    loaded: integer('loaded').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    memoriesCreated: integer('memories_created').notNull().default(0),
    /** Codes of what failed, and how often. */
    errors: jsonb('errors').$type<Record<string, number>>().notNull(),
    /** Until when the process that took it may work on it. */
    leasedUntil: moment('leased_until'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [index('jobs_by_state').on(t.state, t.createdAt)],
);
