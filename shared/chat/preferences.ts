import { and, eq, lte, ne, or } from 'drizzle-orm';
import type { Database } from '../database/client';
import { preferences } from '../database/schema-chat';

/** What the coach itself acts on. */
export const preferenceNames = ['name', 'personality', 'time_of_day'] as const;
export type PreferenceName = (typeof preferenceNames)[number];
export type PreferenceValues = Partial<Record<PreferenceName, string>>;

/** A person's settled preferences. Both methods reject when the database cannot be reached. */
export interface Preferences {
  all(userId: string): Promise<PreferenceValues>;
  /**
   * The newest value holds, whatever order they arrive in; but what the person `said`, as it is unless told, holds against whatever is `learnt`. Whether this
   * made a difference.
   */
  set(userId: string, name: PreferenceName, value: string, at: Date, source?: 'said' | 'learnt'): Promise<boolean>;
}

export function createPreferences(database: Database): Preferences {
  return {
    all: async (userId) => {
      const db = await database.open();
      const rows = await db.select().from(preferences).where(eq(preferences.userId, userId));
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    set: async (userId, name, value, at, source = 'said') => {
      const db = await database.open();
      const isNewer = lte(preferences.updatedAt, at);
      const isLearnt = eq(preferences.source, 'learnt');
      const rows = await db
        .insert(preferences)
        .values({ userId, name, value, source, updatedAt: at })
        .onConflictDoUpdate({
          target: [preferences.userId, preferences.name],
          set: { value, source, updatedAt: at },
          setWhere: source === 'said' ? or(isNewer, isLearnt) : and(isNewer, isLearnt, ne(preferences.value, value)),
        })
        .returning({ name: preferences.name });
      return rows.length > 0;
    },
  };
}
