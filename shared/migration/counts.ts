import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { migrationItems, migrationPeople } from '../database/schema-migration';
import type { RunRow } from './checkpoints';
import type { Mapping } from './mapping';
import type { MigrationCounts } from './migration-contract';

export const noCounts = (): MigrationCounts => ({
  ...{ people: 0, peopleDone: 0, messages: 0, memories: 0, metadata: 0 },
  ...{ planned: 0, done: 0, present: 0, rolledBack: 0, calls: 0, cost: null },
  ...{ poison: {}, unmapped: {}, problems: {} },
});

export const addTo = (counts: Record<string, number>, name: string, more: number): void => {
  counts[name] = (counts[name] ?? 0) + more;
};

/** What so many items cost at a target, in US dollars; null where the mapping names no price. */
export const costOf = ({ usd_per_1000_items: prices }: Mapping, target: string, items: number): number | null => {
  const price = prices[target];
  return price === undefined ? null : Math.round(price * items * 10) / 10_000;
};

/** A run's counts, from its checkpoints themselves. Rejects when the database cannot be reached. */
export async function readCounts(database: Database, run: RunRow, mapping: Mapping): Promise<MigrationCounts> {
  const db = await database.open();
  const { kind, state, reason, unmapped } = migrationItems;
  const groups = await db
    .select({ kind, state, reason, unmapped, items: sql<number>`count(*)`.mapWith(Number) })
    .from(migrationItems)
    .where(eq(migrationItems.runId, run.id))
    .groupBy(kind, state, reason, unmapped);
  const [people] = await db
    .select({
      begun: sql<number>`count(*)`.mapWith(Number),
      done: sql<number>`count(${migrationPeople.doneAt})`.mapWith(Number),
    })
    .from(migrationPeople)
    .where(eq(migrationPeople.runId, run.id));

  const counts = noCounts();
  const kinds = { message: 'messages', memory: 'memories', metadata: 'metadata' } as const;
  for (const group of groups) {
    counts[kinds[group.kind]] += group.items;
    counts.planned += group.items;
    if (group.state === 'done') counts.done += group.items;
    if (group.state === 'present') counts.present += group.items;
    if (group.state === 'rolled_back') counts.rolledBack += group.items;
    if (group.state === 'poison') addTo(counts.poison, group.reason ?? 'unknown', group.items);
    for (const word of group.unmapped) addTo(counts.unmapped, word, group.items);
  }
  const { problems, calls, target } = run;
  const cost = costOf(mapping, target, counts.done);
  return { ...counts, people: people?.begun ?? 0, peopleDone: people?.done ?? 0, problems, calls, cost };
}

export const sumOf = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
