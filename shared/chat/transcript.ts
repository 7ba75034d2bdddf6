import { and, desc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import type { Database } from '../database/client';
import { prepared } from '../database/prepared';
import { chatTurns } from '../database/schema-chat';

/** What was asked, and waits for the person's yes in their next message: forgetting these memories. */
export interface Pending {
  kind: 'forget';
  /** In the person's words: what is to be forgotten. */
  about: string;
  memoryIds: string[];
  /** When these were said, ISO 8601: the turns whose words go with them. */
  times: string[];
}

/** A message and its reply. */
export type TranscriptTurn = typeof chatTurns.$inferSelect;

/** A conversation as somebody may see it: their own turns, or, in a group, those that its participants made in it. */
export interface Conversation {
  conversationId: string;
  userId: string;
  /** The people of a group; absent where the person writes alone. */
  participants?: string[];
}

/** The conversations, message by message. Every method rejects when the database cannot be reached. */
export interface Transcript {
  /** The last turns of a conversation, oldest first, and the person's last turn in any, or null. */
  recent(conversation: Conversation, limit: number): Promise<{ turns: TranscriptTurn[]; last: TranscriptTurn | null }>;
  /** Keeps a turn; the same id again changes nothing. */
  keep(turn: TranscriptTurn): Promise<void>;
  /** Turns made until `before` whose facts were not looked for yet, oldest first. */
  toExtract(before: Date, limit: number): Promise<TranscriptTurn[]>;
  markExtracted(id: string, at: Date): Promise<void>;
  /**
   * Takes the words of a person's turns away: of those made at one of these times, and of those whose reply was made from one of these
   * memories. The turns stay, empty.
   */
  forget(userId: string, times: Date[], memoryIds: string[]): Promise<void>;
}

const newestFirst = [desc(chatTurns.at), desc(chatTurns.id)];

/** A conversation's turns and the person's last one in any: a chat asks this with every message. */
const recentQuery = prepared((db) =>
  unionAll(
    db
      .select()
      .from(chatTurns)
      .where(
        and(
          eq(chatTurns.conversationId, sql.placeholder('conversationId')),
          sql`${chatTurns.userId} = any(${sql.placeholder('people')})`,
          eq(chatTurns.isGroup, sql.placeholder('isGroup')),
        ),
      )
      .orderBy(...newestFirst)
      .limit(sql.placeholder('limit')),
    db
      .select()
      .from(chatTurns)
      .where(eq(chatTurns.userId, sql.placeholder('userId')))
      .orderBy(...newestFirst)
      .limit(1),
  ).prepare('recent_turns'),
);

export function createTranscript(database: Database): Transcript {
  return {
    recent: async ({ conversationId, userId, participants }, limit) => {
      const db = await database.open();
      const people = [...new Set([userId, ...(participants ?? [])])];
      const asked = { userId, conversationId, people, isGroup: participants !== undefined, limit };
      const rows = await recentQuery(db).execute(asked);
      const newest = [...new Map(rows.map((row) => [row.id, row])).values()].sort(
        (a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1),
      );
      const isSeen = (turn: TranscriptTurn) => turn.conversationId === conversationId && turn.isGroup === asked.isGroup;
      return {
        turns: newest.filter(isSeen).slice(0, limit).reverse(),
        last: newest.find((turn) => turn.userId === userId) ?? null,
      };
    },
    keep: async (turn) => {
      const db = await database.open();
      await db.insert(chatTurns).values(turn).onConflictDoNothing();
    },
    toExtract: async (before, limit) => {
      const db = await database.open();
      return db
        .select()
        .from(chatTurns)
        .where(and(isNull(chatTurns.extractedAt), lte(chatTurns.at, before)))
        .orderBy(chatTurns.at)
        .limit(limit);
    },
    markExtracted: async (id, at) => {
      const db = await database.open();
      await db.update(chatTurns).set({ extractedAt: at }).where(eq(chatTurns.id, id));
    },
    forget: async (userId, times, memoryIds) => {
      const ids = sql.join(
        memoryIds.map((id) => sql`${id}`),
        sql`, `,
      );
      const isTold = memoryIds.length ? sql`${chatTurns.told} ?| array[${ids}]::text[]` : undefined;
      const isMeant = or(times.length ? inArray(chatTurns.at, times) : undefined, isTold);
      // Without a condition it would be every turn.
      if (!isMeant) return;
      const db = await database.open();
      await db
        .update(chatTurns)
        .set({ message: '', reply: '', tools: [], told: [], pending: null })
        .where(and(eq(chatTurns.userId, userId), isMeant));
    },
  };
}
