import { and, avg, count, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { checkIns, toolUsage } from '../database/schema-chat';
import type { Understanding } from './intent';
import type { ToolUse } from './tool-runner';
import type { ToolName, ToolResult } from './tools';
import type { TranscriptTurn } from './transcript';

export interface UsageCount {
  tool: ToolName;
  uses: number;
  helped: number;
}

/** A message that was answered, and the person's one before it. */
export interface AnsweredMessage {
  userId: string;
  at: Date;
  understanding: Understanding;
  used: readonly ToolUse[];
  previous: TranscriptTurn | null;
}

/** Which tools a person uses, and which help them. Both methods reject when the database cannot be reached. */
export interface ToolUsage {
  /**
   * Counts each tool that worked once. Those of the message before it count as having helped where this one, within a day, thanks, or
   * logs a mood above the person's mean of three or more others.
   */
  record(message: AnsweredMessage): Promise<void>;
  /** What helped most first. */
  all(userId: string): Promise<UsageCount[]>;
}

const dayMs = 86_400_000;
const fewestMoods = 3;

const workedIn = (used: readonly ToolUse[]): ToolName[] => [
  ...new Set(used.filter(({ ok }) => ok).map(({ name }) => name)),
];

export function createToolUsage(database: Database): ToolUsage {
  const isAboveMean = async (userId: string, used: readonly ToolUse[]): Promise<boolean> => {
    const [checkIn] = used
      .filter(({ name, ok }) => ok && name === 'log_check_in')
      .map(({ result }) => (result as ToolResult<'log_check_in'>).checkIn)
      .filter(({ mood }) => mood !== null);
    if (!checkIn || checkIn.mood === null) return false;
    const db = await database.open();
    const [others] = await db
      .select({ moods: count(), mean: avg(checkIns.mood).mapWith(Number) })
      .from(checkIns)
      .where(and(eq(checkIns.userId, userId), ne(checkIns.id, checkIn.id), isNotNull(checkIns.mood)));
    return others !== undefined && others.moods >= fewestMoods && checkIn.mood > (others.mean ?? 10);
  };

  return {
    record: async ({ userId, at, understanding, used, previous }) => {
      const tools = workedIn(used);
      const db = await database.open();
      if (tools.length) {
        await db
          .insert(toolUsage)
          .values(tools.map((tool) => ({ userId, tool, uses: 1, helped: 0, lastUsedAt: at })))
          .onConflictDoUpdate({
            target: [toolUsage.userId, toolUsage.tool],
            set: { uses: sql`${toolUsage.uses} + 1`, lastUsedAt: at },
          });
      }
      const earlier = previous && at.getTime() - previous.at.getTime() < dayMs ? workedIn(previous.tools) : [];
      if (!earlier.length) return;
      const isThanks = understanding.intents.some(({ kind }) => kind === 'thanks');
      if (!isThanks && !(await isAboveMean(userId, used))) return;
      await db
        .update(toolUsage)
        .set({ helped: sql`${toolUsage.helped} + 1` })
        .where(and(eq(toolUsage.userId, userId), inArray(toolUsage.tool, earlier)));
    },
    all: async (userId) => {
      const db = await database.open();
      const rows = await db
        .select({ tool: toolUsage.tool, uses: toolUsage.uses, helped: toolUsage.helped })
        .from(toolUsage)
        .where(eq(toolUsage.userId, userId))
        .orderBy(desc(toolUsage.helped), desc(toolUsage.uses), toolUsage.tool);
      return rows as UsageCount[];
    },
  };
}
