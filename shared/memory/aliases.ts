import { and, eq, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Database } from '../database/client';
import { memoryAliases } from '../database/schema-migration';
import type { ProviderName } from './providers';

/** Under which ids a provider has memories that others know by others. Methods reject when the database cannot be reached. */
export interface Aliases {
  of(provider: ProviderName, alias: string): Promise<string | null>;
  keep(provider: ProviderName, userId: string, pairs: { alias: string; memoryId: string }[]): Promise<void>;
}

export function createAliases(database: Database, now: () => Date): Aliases {
  const { provider: owner, alias: known, memoryId } = memoryAliases;
  return {
    of: async (provider, alias) => {
      if (!validate(alias)) return null;
      const db = await database.open();
      const [row] = await db
        .select({ memoryId })
        .from(memoryAliases)
        .where(and(eq(owner, provider), eq(known, alias)));
      return row?.memoryId ?? null;
    },
    keep: async (provider, userId, pairs) => {
      const rows = pairs.filter((pair) => pair.alias !== pair.memoryId);
      if (rows.length === 0) return;
      const db = await database.open();
      await db
        .insert(memoryAliases)
        .values(rows.map((row) => ({ ...row, provider, userId, at: now() })))
        .onConflictDoUpdate({ target: [owner, known], set: { memoryId: sql`excluded.memory_id` } });
    },
  };
}
