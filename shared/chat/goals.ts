import { and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { checkIns, goals } from '../database/schema-chat';
import { fromCursor, toPage } from '../memory/cursor';
import { toCursorProblem } from '../memory/cursor-problem';
import type { Page, PageRequest } from '../memory/memory';
import type { Redaction } from '../redaction/redaction';
import { type Progress, progressOf, type Target } from './streak';

export const goalStatuses = ['active', 'done', 'dropped'] as const;
export type GoalStatus = (typeof goalStatuses)[number];

export interface Goal extends Progress {
  id: string;
  title: string;
  /** null for a goal that is done once. */
  target: Target | null;
  status: GoalStatus;
  /** Check-ins for it, ever. */
  completed: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewGoal {
  /** The same id again creates nothing. */
  id: string;
  userId: string;
  title: string;
  target: Target | null;
}

export interface GoalChange {
  title?: string;
  status?: GoalStatus;
  target?: Target;
}

export interface CheckIn {
  id: string;
  goalId: string | null;
  /** 1 to 10. */
  mood: number | null;
  energy: number | null;
  note: string | null;
  /** Which coach had spoken last before it; null where none had. */
  personality: string | null;
  at: Date;
}

/**
 * Goals and check-ins. They live in the database and need no memory provider; titles and notes are kept masked. Every method rejects when the database
 * cannot be reached.
 */
export interface Goals {
  /** Creates a goal. An active one of the same title is not made twice: it takes the new target, if one is given. */
  create(goal: NewGoal): Promise<{ goal: Goal; outcome: 'created' | 'changed' | 'existed' }>;
  /** The newest 200, newest first. */
  list(userId: string, status?: GoalStatus): Promise<Goal[]>;
  /** The changed goal, or null when there is none of that id (of that person, where one is named). */
  update(id: string, change: GoalChange, userId?: string): Promise<Goal | null>;
  /** Logs a check-in; the same id again logs nothing. null when `goalId` names no goal of that person. */
  logCheckIn(userId: string, checkIn: CheckIn): Promise<CheckIn | null>;
  /** Newest first. Throws ProblemError 400 for a cursor that no page gave. */
  listCheckIns(userId: string, page: PageRequest): Promise<Page<CheckIn>>;
}

export function createGoals(database: Database, now: () => Date, redaction: Redaction): Goals {
  const masked = (words: string) => redaction().text(words);
  const withProgress = async (db: Db, rows: (typeof goals.$inferSelect)[]): Promise<Goal[]> => {
    if (!rows.length) return [];
    const ids = rows.map(({ id }) => id);
    const done = await db
      .select({ goalId: checkIns.goalId, at: checkIns.at })
      .from(checkIns)
      .where(inArray(checkIns.goalId, ids));
    const timesOf = (id: string) => done.filter(({ goalId }) => goalId === id).map(({ at }) => at);
    return rows.map((row) => toGoal(row, timesOf(row.id), now()));
  };
  const list: Goals['list'] = async (userId, status) => {
    const db = await database.open();
    const isWanted = and(eq(goals.userId, userId), status && eq(goals.status, status));
    const rows = await db
      .select()
      .from(goals)
      .where(isWanted)
      .orderBy(desc(goals.createdAt), desc(goals.id))
      .limit(200);
    return withProgress(db, rows);
  };
  const update: Goals['update'] = async (id, { title, status, target }, userId) => {
    const db = await database.open();
    const rows = await db
      .update(goals)
      .set({
        title: title && masked(title),
        status,
        targetCount: target?.count,
        targetPeriod: target?.period,
        updatedAt: now(),
      })
      .where(and(eq(goals.id, id), userId === undefined ? undefined : eq(goals.userId, userId)))
      .returning();
    return (await withProgress(db, rows))[0] ?? null;
  };
  return {
    list,
    update,
    create: async ({ id, userId, title: said, target }) => {
      const title = masked(said);
      const same = (await list(userId, 'active')).find((goal) => sameTitle(goal.title, title));
      if (same) {
        // A message that is redelivered finds the goal it made itself.
        if (same.id === id) return { goal: same, outcome: 'created' };
        const isChanged = target && (target.count !== same.target?.count || target.period !== same.target.period);
        const changed = isChanged ? await update(same.id, { target }, userId) : null;
        return changed ? { goal: changed, outcome: 'changed' } : { goal: same, outcome: 'existed' };
      }
      const db = await database.open();
      const createdAt = now();
      const row = { id, userId, title, status: 'active' as const, createdAt, updatedAt: createdAt };
      const stored = { ...row, targetCount: target?.count ?? null, targetPeriod: target?.period ?? null };
      await db.insert(goals).values(stored).onConflictDoNothing();
      return { goal: toGoal(stored, [], createdAt), outcome: 'created' };
    },
    logCheckIn: async (userId, said) => {
      const checkIn = { ...said, note: said.note && masked(said.note) };
      const db = await database.open();
      if (checkIn.goalId !== null) {
        const isOwn = and(eq(goals.id, checkIn.goalId), eq(goals.userId, userId));
        if (!(await db.select({ id: goals.id }).from(goals).where(isOwn)).length) return null;
      }
      await db
        .insert(checkIns)
        .values({ ...checkIn, userId })
        .onConflictDoNothing();
      return checkIn;
    },
    listCheckIns: async (userId, { limit, cursor }) => {
      const after = toPosition(cursor);
      const isLater = after && sql`(${checkIns.at}, ${checkIns.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
      const db = await database.open();
      const { userId: owner, ...columns } = getTableColumns(checkIns);
      const rows = await db
        .select(columns)
        .from(checkIns)
        .where(and(eq(owner, userId), isLater))
        .orderBy(desc(checkIns.at), desc(checkIns.id))
        .limit(limit + 1);
      return toPage(rows, limit, ({ at, id }) => [at.toISOString(), id]);
    },
  };
}

function toPosition(cursor: string | null) {
  try {
    return fromCursor(cursor, ['time', 'uuid']);
  } catch (error) {
    throw toCursorProblem(error);
  }
}

const sameTitle = (a: string, b: string) => a.toLocaleLowerCase() === b.toLocaleLowerCase();

function toGoal(row: typeof goals.$inferSelect, times: Date[], now: Date): Goal {
  const { id, title, targetCount: count, targetPeriod: period, status, createdAt, updatedAt } = row;
  const target = count !== null && period !== null ? { count, period } : null;
  const { nextDue, ...progress } = progressOf(times, target, now);
  const isOpen = status === 'active';
  return {
    id,
    title,
    target,
    status,
    ...progress,
    nextDue: isOpen ? nextDue : null,
    completed: times.length,
    createdAt,
    updatedAt,
  };
}
