import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { asTenant } from '../database/row-security';
import { companies, companySessions } from '../database/schema-brain';
import { ProblemError } from '../http/problem';
import type { EntityIds } from './entity-id';

/** A company whose rows a person may see now. */
export interface SpeakerCompany {
  id: string;
  /** As its record has it. */
  name: string | null;
}

/**
 * The companies where a person has a session that has not expired, by id; [] for somebody whose id cannot be an owner's. Rejects when the
 * database cannot be reached.
 */
export type SpeakerCompanies = (userId: string) => Promise<SpeakerCompany[]>;

export function createSpeakerCompanies(dependencies: { database: Database; entityIds: EntityIds }): SpeakerCompanies {
  const { database, entityIds } = dependencies;
  const { companyId: id, userId: person, expiresAt } = companySessions;
  return async (speaker) => {
    const userId = toOwnerId(entityIds, 'users', speaker);
    if (userId === null) return [];
    return asTenant(await database.open(), { userId }, (tx) =>
      tx
        .select({ id, name: companies.name })
        .from(companySessions)
        .leftJoin(companies, eq(companies.companyId, id))
        // The database's clock, as in the policies.
        .where(and(eq(person, userId), gt(expiresAt, sql`now()`)))
        .orderBy(asc(id)),
    );
  };
}

/** The one way to write an id, or null where it is none of an owner's. */
export function toOwnerId(entityIds: EntityIds, ...[kind, id]: Parameters<EntityIds['normalise']>): string | null {
  try {
    return entityIds.normalise(kind, id);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
