import type { Db } from '../database/client';
import type { Metadata } from '../memory/memory';
import type { Counts } from '../redaction/redact';
import type { Deadline } from '../resilience/deadline';

/** What is known of whom. `id` is also the owner's user_id at the memory provider: see entity-id.ts for its normal form. */
export interface Owner {
  kind: 'users' | 'companies';
  id: string;
}

/** One thing to be known: the current value of `slug`. */
export interface Fact {
  /** `user_full_name`, `company_tax_regime`: lower case letters, digits and _, at most 128. */
  slug: string;
  category: string;
  /** At most 8,000 characters. */
  content: string;
  metadata?: Metadata;
}

/** A value as it is kept. */
export interface BrainRow extends Required<Fact> {
  id: string;
  /** The provider's memory; null until it has one. */
  memoryId: string | null;
  /** synced: the provider has this content. pending: on its way. failed: the provider refused it for good. */
  state: 'synced' | 'pending' | 'failed';
  createdAt: Date;
  updatedAt: Date;
}

/** What became of facts: `savedCount` are durable here, unchanged ones among them. */
export interface SaveReport {
  success: boolean;
  savedCount: number;
  failedCount: number;
  errors: { slug: string; code: string }[];
  /** Slugs that were new, or whose value changed: an unchanged one writes nothing. */
  created: number;
  updated: number;
  /** How many pieces were masked before they were kept, by kind; absent where none was. */
  redacted?: Counts;
}

/** An entry of a slug's history, oldest first. */
export interface BrainEvent {
  slug: string;
  event: 'add' | 'update' | 'delete';
  source: 'us' | 'provider';
  previousContent: string | null;
  content: string | null;
  at: Date;
}

/**
 * One current value for each thing known about a person or a company, one to one with the memory provider. A row and the outbox entry
 * that carries it are written in one transaction. `asUser`: for whom it is done; a company's rows are there for people with a
 * session that has not expired, and for nobody else: they see none and change none (`errors` says `no_session`). Without it the
 * caller acts for the owner.
 */
export interface Brain {
  /**
   * Upserts by slug, of one person. Throws ProblemError 503 where the database cannot be reached, and 409 where the id is a company's: then
   * nothing was kept.
   */
  saveUserMemories(userId: string, facts: Fact[], deadline: Deadline): Promise<SaveReport>;
  /** The same of one company. */
  saveCompanyMemories(companyId: string, facts: Fact[], deadline: Deadline, asUser?: string): Promise<SaveReport>;
  /**
   * Many owners at once, for loaders: one transaction, and nothing is waited for. Reports in the order of `entries`; an id that is
   * another kind of owner's fails as `id_taken`, and keeps nothing else from being saved. `also` is told them before the transaction
   * ends: what it writes in it is there with the facts, or neither is. Rejects when the database cannot be reached, and as `also` does.
   */
  saveAll(
    entries: { owner: Owner; facts: Fact[] }[],
    also?: (tx: Pick<Db, 'update'>, reports: SaveReport[]) => Promise<unknown>,
  ): Promise<SaveReport[]>;
  /** By slug. null where the database cannot be reached. */
  list(owner: Owner, asUser?: string): Promise<BrainRow[] | null>;
  /** null where there is none. Rejects when the database cannot be reached, and so does `history`. */
  get(owner: Owner, slug: string, asUser?: string): Promise<BrainRow | null>;
  /** Whether there was one. Throws ProblemError 503 where the database cannot be reached. */
  delete(owner: Owner, slug: string, deadline: Deadline, asUser?: string): Promise<boolean>;
  history(owner: Owner, slug: string, asUser?: string): Promise<BrainEvent[]>;
}
