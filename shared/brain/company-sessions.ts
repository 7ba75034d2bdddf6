import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { asTenant } from '../database/row-security';
import { companySessions } from '../database/schema-brain';
import { misfit } from '../http/problem';
import type { EntityIds } from './entity-id';

/** Who may see a company's rows, and until when. */
export type CompanySession = typeof companySessions.$inferSelect;

/** How long a session lasts where nobody says so. */
const defaultMs = 86_400_000;

/** Ids are taken in any spelling. Every method throws ProblemError 400 for what is none, and rejects when the database cannot be reached. */
export interface CompanySessions {
  /** Lets a person see the company's rows until then, a day from now unless told; a session that is there gets the new end. Throws ProblemError 400 for an end that has passed. */
  open(session: { id: string; userId: string; expiresAt?: Date }): Promise<CompanySession>;
  /** Whether there was one. */
  end(session: { id: string; userId: string }): Promise<boolean>;
  /** Those that have not expired, by person. */
  list(id: string): Promise<CompanySession[]>;
}

export function createCompanySessions({
  database,
  entityIds,
  now,
}: {
  database: Database;
  entityIds: EntityIds;
  now: () => Date;
}): CompanySessions {
  const { userId: person, companyId: company, expiresAt: end } = companySessions;
  const asCompany = async <T>(companyId: string, work: (tx: Db) => Promise<T>) =>
    asTenant(await database.open(), { companyId }, work);
  const toIds = ({ id, userId }: { id: string; userId: string }) => ({
    companyId: entityIds.normalise('companies', id),
    userId: entityIds.normalise('users', userId, 'user_id'),
  });

  return {
    open: async ({ expiresAt, ...ids }) => {
      const createdAt = now();
      const ends = expiresAt ?? new Date(createdAt.getTime() + defaultMs);
      if (ends <= createdAt) throw misfit([{ path: 'expires_at', message: 'must lie in the future' }]);
      const session = { ...toIds(ids), expiresAt: ends, createdAt };
      const [row = session] = await asCompany(session.companyId, (tx) =>
        tx
          .insert(companySessions)
          .values(session)
          .onConflictDoUpdate({ target: [person, company], set: { expiresAt: ends } })
          .returning(),
      );
      return row;
    },
    end: async (ids) => {
      const { companyId, userId } = toIds(ids);
      const ended = await asCompany(companyId, (tx) =>
        tx
          .delete(companySessions)
          .where(and(eq(company, companyId), eq(person, userId)))
          .returning({ userId: person }),
      );
      return ended.length > 0;
    },
    list: async (id) => {
      const companyId = entityIds.normalise('companies', id);
      return asCompany(companyId, (tx) =>
        tx
          .select()
          .from(companySessions)
          // The database's clock, as in the policies.
          .where(and(eq(company, companyId), gt(end, sql`now()`)))
          .orderBy(asc(person)),
      );
    },
  };
}
