import { sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { leads, exchanges } from '../database/schema-conversations';
import { chatTurns } from '../database/schema-chat';
import { pagesOf } from '../memory/cursor';
import type { MemoryState } from '../memory/memory-contract';
import { readBudget, reasonOf, toMemoryState } from '../memory/memory-state';
import type { MemoryProvider } from '../memory/provider';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { describeError, type Logger } from '../telemetry/logger';

/** How much there is of a session. null is what could not be read; of a session that nobody spoke in, messages are 0. */
export interface SessionStatistics {
  sessionId: string;
  /** Who spoke in it; a name such as `telegram` is one session with each of many. */
  people: number | null;
  /** What was said, by callers, chatters and agents, in our own rows. */
  messages: number | null;
  roles: { role: 'user' | 'assistant'; count: number }[] | null;
  /** The provider's memories of the session; null also where nobody is known to ask about, or more than 20 people are. */
  memories: number | null;
  /** Of messages and memories. */
  first: Date | null;
  last: Date | null;
  memory: MemoryState;
}

export interface SessionStatisticsReader {
  /**
   * Of everybody who spoke in the session, or of `userId` alone: providers list memories by person, so that they must be known. Takes 5 s at
   * most. Never rejects for what cannot be reached: `memory` says what that was.
   */
  of(session: { sessionId: string; userId?: string }, deadline: Deadline): Promise<SessionStatistics>;
}

export interface SessionStatisticsDependencies {
  database: Database;
  provider: MemoryProvider;
  logger: Logger;
  now: () => Date;
}

/** Whose memories are counted; each of them takes a list of all they have. */
const maxPeople = 20;
const pageSize = 200;

interface PersonRow {
  userId: string;
  said: number;
  answered: number;
  first: string | null;
  last: string | null;
}

type Span = Pick<SessionStatistics, 'first' | 'last'>;

export function createSessionStatistics(dependencies: SessionStatisticsDependencies): SessionStatisticsReader {
  const { database, provider, logger, now } = dependencies;

  const readRows = async (sessionId: string, userId: string | undefined): Promise<PersonRow[]> => {
    const db = await database.open();
    const whose = userId === undefined ? sql`true` : sql`user_id = ${userId}`;
    const { rows } = (await db.execute(sql`
      select user_id as "userId", sum(said)::int as said, sum(answered)::int as answered, min(at) as first, max(at) as last
      from (
        select user_id, (query <> '')::int as said, (answer <> '')::int as answered, at
          from ${exchanges} where session_id = ${sessionId}
        union all
        select user_id, 1, (reply <> '')::int, at from ${chatTurns} where conversation_id = ${sessionId}
        union all
        select user_id, 0, 0, null from ${leads} where session_id = ${sessionId}
      ) as spoken where ${whose} group by user_id`)) as unknown as { rows: PersonRow[] };
    return rows;
  };

  const countMemories = async (sessionId: string, people: string[], signal: AbortSignal) => {
    const dates: Date[] = [];
    let memories = 0;
    for (const userId of people) {
      for await (const page of pagesOf((cursor) => provider.list(userId, { limit: pageSize, cursor }, signal))) {
        const own = page.filter((memory) => memory.sessionId === sessionId);
        memories += own.length;
        dates.push(...own.map(({ createdAt }) => createdAt));
      }
    }
    return { memories, ...spanOf(dates) };
  };

  const asked = async (sessionId: string, people: string[], deadline: Deadline) => {
    const nothing = (reason: string) => ({ memories: null, ...spanOf([]), reason });
    if (people.length === 0) return nothing('nobody_known');
    if (people.length > maxPeople) return nothing('too_many_people');
    const { signal } = deadline;
    try {
      return { ...(await raceSignal(countMemories(sessionId, people, signal), signal)), reason: null };
    } catch (error) {
      return nothing(reasonOf(error, 'provider'));
    }
  };

  return {
    of: async ({ sessionId, userId }, deadline) => {
      const budget = readBudget(deadline);
      const rows = await raceSignal(readRows(sessionId, userId), budget.signal).catch((error) => {
        if (!budget.signal.aborted && !isDatabaseUnreachable(error)) throw error;
        logger.error('session statistics unreadable', describeError(error));
        return null;
      });
      const known = rows?.map((row) => row.userId) ?? [];
      const { reason, memories, ...span } = await asked(sessionId, userId === undefined ? known : [userId], budget);
      const why = rows === null ? (budget.signal.aborted ? 'database_timeout' : 'database_unreachable') : reason;
      return {
        sessionId,
        ...(rows ? ofRows(rows) : { people: null, messages: null, roles: null }),
        memories,
        ...spanOf([span.first, span.last, ...(rows ?? []).flatMap(({ first, last }) => [toDate(first), toDate(last)])]),
        memory: toMemoryState(memories === null ? 'none' : 'provider', why, now()),
      };
    },
  };
}

const toDate = (at: string | null): Date | null => (at === null ? null : new Date(at));

function spanOf(dates: (Date | null)[]): Span {
  const times = dates.flatMap((date) => date?.getTime() ?? []);
  if (times.length === 0) return { first: null, last: null };
  return {
    first: new Date(times.reduce((a, b) => Math.min(a, b))),
    last: new Date(times.reduce((a, b) => Math.max(a, b))),
  };
}

function ofRows(rows: PersonRow[]): Pick<SessionStatistics, 'people' | 'messages' | 'roles'> {
  const user = rows.reduce((sum, { said }) => sum + said, 0);
  const assistant = rows.reduce((sum, { answered }) => sum + answered, 0);
  const roles = [
    { role: 'user' as const, count: user },
    { role: 'assistant' as const, count: assistant },
  ];
  return { people: rows.length, messages: user + assistant, roles: roles.filter(({ count }) => count > 0) };
}
