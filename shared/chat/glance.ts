import { sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { prepared } from '../database/prepared';
import { checkIns, preferences, toolUsage } from '../database/schema-chat';
import type { CheckIn } from './goals';
import type { PreferenceValues } from './preferences';
import type { UsageCount } from './tool-usage';

/** What a chat looks up of a person besides goals and turns. */
export interface Glance {
  preferences: PreferenceValues;
  /** The last five, newest first. */
  checkIns: CheckIn[];
  /** What helped most first. */
  usage: UsageCount[];
}

/** A check-in as JSON has it. */
type LoggedRow = Omit<CheckIn, 'at'> & { at: string };

const userId = sql.placeholder('userId');
const settled = sql<PreferenceValues | null>`(select json_object_agg(p.name, p.value)
  from ${preferences} p where p.user_id = ${userId})`;
const logged = sql<LoggedRow[] | null>`(select json_agg(c) from (
  select id, goal_id as "goalId", mood, energy, note, personality, at from ${checkIns}
  where user_id = ${userId} order by at desc, id desc limit 5) c)`;
const used = sql<UsageCount[] | null>`(select json_agg(u) from (
  select tool, uses, helped from ${toolUsage} where user_id = ${userId} order by helped desc, uses desc, tool) u)`;
const glanceQuery = prepared((db) =>
  db.select({ settled, logged, used }).from(sql`(values (1)) as one`).prepare('glance'),
);

/**
 * One statement instead of three: a chat asks this with every message, and each takes a millisecond of the process when the database is
 * in it. Rejects when the database cannot be reached.
 */
export async function glance(database: Database, userId: string): Promise<Glance> {
  const [row] = await glanceQuery(await database.open()).execute({ userId });
  return {
    preferences: row?.settled ?? {},
    checkIns: (row?.logged ?? []).map(({ at, ...checkIn }) => ({ ...checkIn, at: new Date(at) })),
    usage: row?.used ?? [],
  };
}
