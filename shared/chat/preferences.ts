import { eq, lte } from 'drizzle-orm';
import type { Database } from '../database/client';
import { preferences } from '../database/schema';

/** What the coach itself acts on. */
export const preferenceNames = ['name', 'personality', 'time_of_day'] as const;
export type PreferenceName = (typeof preferenceNames)[number];
export type PreferenceValues = Partial<Record<PreferenceName, string>>;

/** A person's settled preferences. Both methods reject when the database cannot be reached. */
export interface Preferences {
  all(userId: string): Promise<PreferenceValues>;
  /** The newest value holds, whatever order they arrive in. */
  set(userId: string, name: PreferenceName, value: string, at: Date): Promise<void>;
}

export function createPreferences(database: Database): Preferences {
  return {
    all: async (userId) => {
      const db = await database.open();
      const rows = await db.select().from(preferences).where(eq(preferences.userId, userId));
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    set: async (userId, name, value, at) => {
      const db = await database.open();
      await db
        .insert(preferences)
        .values({ userId, name, value, updatedAt: at })
        .onConflictDoUpdate({
          target: [preferences.userId, preferences.name],
          set: { value, updatedAt: at },
          setWhere: lte(preferences.updatedAt, at),
        });
    },
  };
}
