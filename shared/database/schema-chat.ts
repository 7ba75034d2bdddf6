import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import type { ToolUse } from '../chat/tool-runner';
import type { Pending } from '../chat/transcript';
import { moment } from './columns';

/** What chats leave behind: goals and check-ins, what works for a person, and the turns themselves. */

const userId = () => text('user_id').notNull();

export const goals = pgTable(
  'goals',
  {
    id: uuid('id').primaryKey(),
    userId: userId(),
    title: text('title').notNull(),
    /** How often it is to be done: times every `period`; null for a goal that is done once. */
    targetCount: integer('target_count'),
    targetPeriod: text('target_period').$type<'day' | 'week' | 'month'>(),
    status: text('status').$type<'active' | 'done' | 'dropped'>().notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [index('goals_by_user').on(t.userId, t.createdAt.desc())],
);

/** How a person said they were, and what they did for which goal. */
export const checkIns = pgTable(
  'check_ins',
  {
    id: uuid('id').primaryKey(),
    userId: userId(),
    goalId: uuid('goal_id').references(() => goals.id, { onDelete: 'set null' }),
    /** 1 to 10. */
    mood: smallint('mood'),
    energy: smallint('energy'),
    note: text('note'),
    /** Which coach had spoken last when it was logged. */
    personality: text('personality'),
    at: moment('at').notNull(),
  },
  (t) => [index('check_ins_by_user').on(t.userId, t.at.desc())],
);

/** What works for a person: personality, time of day and the like; the newest value holds. */
export const preferences = pgTable(
  'preferences',
  {
    userId: userId(),
    name: text('name').notNull(),
    value: text('value').notNull(),
    /** What the person said themselves holds against what was learnt from their check-ins. */
    source: text('source').$type<'said' | 'learnt'>().notNull().default('said'),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.name] })],
);

/** How often a person's tools were used, and after how many of them the person said or showed that it helped. */
export const toolUsage = pgTable(
  'tool_usage',
  {
    userId: userId(),
    tool: text('tool').notNull(),
    uses: integer('uses').notNull(),
    helped: integer('helped').notNull(),
    lastUsedAt: moment('last_used_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.tool] })],
);

/** What was said and answered, message by message: the conversation as a chat model is given it. */
export const chatTurns = pgTable(
  'chat_turns',
  {
    id: uuid('id').primaryKey(),
    userId: userId(),
    conversationId: text('conversation_id').notNull(),
    /** Whether others read along: a group's turns are shown to its participants, all others to nobody but the person. */
    isGroup: boolean('is_group').notNull(),
    message: text('message').notNull(),
    reply: text('reply').notNull(),
    personality: text('personality').notNull(),
    tools: jsonb('tools').$type<ToolUse[]>().notNull(),
    /** The memories that the reply was made from. */
    told: jsonb('told').$type<string[]>().notNull(),
    /** What the person was asked to confirm. */
    pending: jsonb('pending').$type<Pending>(),
    at: moment('at').notNull(),
    /** When the facts in it had been looked for; null while that is to be done. */
    extractedAt: moment('extracted_at'),
  },
  (t) => [
    index('chat_turns_by_conversation').on(t.conversationId, t.userId, t.at.desc()),
    index('chat_turns_by_user').on(t.userId, t.at.desc()),
    index('chat_turns_to_extract').on(t.at).where(sql`extracted_at is null`),
  ],
);
