import { count, inArray } from 'drizzle-orm';
import type { Database } from '../database/client';
import { asService } from '../database/row-security';
import { factsOf, kinds } from './fact-tables';

/** Facts that the provider does not have: on their way, and refused for good. */
export interface FactStates {
  pending: number;
  failed: number;
}

/** Over everybody. Rejects when the database cannot be reached. */
export async function countUnsynced(database: Database): Promise<FactStates> {
  const states: FactStates = { pending: 0, failed: 0 };
  await asService(await database.open(), async (tx) => {
    for (const { state } of kinds.map(factsOf)) {
      const rows = await tx
        .select({ state, facts: count() })
        .from(state.table)
        .where(inArray(state, ['pending', 'failed']))
        .groupBy(state);
      for (const row of rows) if (row.state !== 'synced') states[row.state] += row.facts;
    }
  });
  return states;
}
