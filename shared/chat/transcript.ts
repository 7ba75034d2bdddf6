import { and, desc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import type { Database } from '../database/client';
import { chatTurns } from '../database/schema';

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
  /** The last turns of a conversation, oldest first. */
  latest(conversation: Conversation, limit: number): Promise<TranscriptTurn[]>;
  /** The person's last turn in any conversation, or null. */
  last(userId: string): Promise<TranscriptTurn | null>;
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

export function createTranscript(database: Database): Transcript {
  return {
    latest: async ({ conversationId, userId, participants }, limit) => {
      const db = await database.open();
      const own = and(eq(chatTurns.userId, userId), eq(chatTurns.isGroup, participants !== undefined));
      const ofGroup = participants && and(inArray(chatTurns.userId, participants), eq(chatTurns.isGroup, true));
      const rows = await db
        .select()
        .from(chatTurns)
        .where(and(eq(chatTurns.conversationId, conversationId), or(own, ofGroup)))
        .orderBy(desc(chatTurns.at), desc(chatTurns.id))
        .limit(limit);
      return rows.reverse();
    },
    last: async (userId) => {
      const db = await database.open();
      const newestFirst = [desc(chatTurns.at), desc(chatTurns.id)];
      const ofPerson = eq(chatTurns.userId, userId);
      const [turn] = await db
        .select()
        .from(chatTurns)
        .where(ofPerson)
        .orderBy(...newestFirst)
        .limit(1);
      return turn ?? null;
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
