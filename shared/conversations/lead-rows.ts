import { desc, eq } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { leads } from '../database/schema-conversations';
import type { Memory } from '../memory/memory';
import type { Lead, LeadVersion } from './lead-contract';

/**
 * The versions of leads in Postgres, newest first. What is deleted as a memory is deleted here, too, see memory/tombstones.ts. Every
 * method rejects when the database cannot be reached.
 */
export interface LeadRows {
  byLead(leadId: string, limit: number): Promise<LeadVersion[]>;
  byUser(userId: string, limit: number): Promise<LeadVersion[]>;
  bySession(sessionId: string, limit: number): Promise<LeadVersion[]>;
  /** The provider's memories of versions, by these. */
  arrived(memories: ReadonlyMap<string, Memory[]>): Promise<void>;
}

/** Keeps the row of a new version in a transaction of the outbox's. */
export const insertLead = (tx: Pick<Db, 'insert'>, row: LeadVersion) => tx.insert(leads).values(row);

export function createLeadRows(database: Database): LeadRows {
  const last = async (whose: ReturnType<typeof eq>, limit: number): Promise<LeadVersion[]> => {
    const db = await database.open();
    return db.select().from(leads).where(whose).orderBy(desc(leads.at), desc(leads.id)).limit(limit);
  };
  return {
    byLead: (leadId, limit) => last(eq(leads.leadId, leadId), limit),
    byUser: (userId, limit) => last(eq(leads.userId, userId), limit),
    bySession: (sessionId, limit) => last(eq(leads.sessionId, sessionId), limit),
    arrived: async (arrived) => {
      const db = await database.open();
      for (const [versionId, [memory]] of arrived)
        await db.update(leads).set({ memoryId: memory?.id }).where(eq(leads.id, versionId));
    },
  };
}

/** A lead from its versions, newest first; null where there are none. */
export function toLead(rows: LeadVersion[]): Lead | null {
  const [newest] = rows;
  if (!newest) return null;
  const { leadId, userId } = newest;
  const versions = rows.filter((row) => row.userId === userId);
  const isSaid = ([, value]: [string, unknown]) => value !== null;
  const data = Object.fromEntries(versions.toReversed().flatMap((row) => Object.entries(row.data).filter(isSaid)));
  const createdAt = versions.at(-1)?.at ?? newest.at;
  const transcriptSummary = versions.find((row) => row.transcriptSummary !== null)?.transcriptSummary ?? null;
  return { leadId, userId, data, transcriptSummary, createdAt, updatedAt: newest.at, versions };
}
