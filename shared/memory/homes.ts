import { and, eq, inArray, isNotNull, isNull, notInArray } from 'drizzle-orm';
import type { Database } from '../database/client';
import { migrationPeople, personHomes } from '../database/schema-migration';
import type { ProviderName } from './providers';

/** Which provider keeps whom, while new people are kept by another one than those before. Methods reject when the database cannot be reached. */
export interface Homes {
  /** Of these people those about whom that is settled: the provider's name, or null for the first one. */
  of(userIds: string[]): Promise<Map<string, ProviderName | null>>;
  /** Settles it, for good; gives what was settled before, where it was. */
  settle(userId: string, provider: ProviderName | null): Promise<ProviderName | null>;
  /** The providers that keep new people, but for these. */
  besides(known: ProviderName[]): Promise<ProviderName[]>;
  /** Those of a migration's people whom one provider kept are with the other from now on; null: with the first one. */
  move(runId: string, from: ProviderName | null, to: ProviderName | null): Promise<void>;
}

export function createHomes(database: Database, now: () => Date): Homes {
  const { userId: person, provider: home } = personHomes;
  const of: Homes['of'] = async (userIds) => {
    const db = await database.open();
    const rows = await db.select().from(personHomes).where(inArray(person, userIds));
    return new Map(rows.map(({ userId, provider }) => [userId, provider]));
  };
  return {
    of,
    settle: async (userId, provider) => {
      const db = await database.open();
      await db.insert(personHomes).values({ userId, provider, at: now() }).onConflictDoNothing();
      return (await of([userId])).get(userId) ?? null;
    },
    besides: async (known) => {
      const db = await database.open();
      const rows = await db
        .selectDistinct({ home })
        .from(personHomes)
        .where(and(isNotNull(home), notInArray(home, known)));
      return rows.flatMap((row) => row.home ?? []);
    },
    move: async (runId, from, to) => {
      const db = await database.open();
      const moved = db
        .select({ userId: migrationPeople.userId })
        .from(migrationPeople)
        .where(eq(migrationPeople.runId, runId));
      await db
        .update(personHomes)
        .set({ provider: to })
        .where(and(from ? eq(home, from) : isNull(home), inArray(person, moved)));
    },
  };
}
