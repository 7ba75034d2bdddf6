import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const conversation = z.object({
  id: z.string(),
  sessions: z.array(
    z.object({
      number: z.number(),
      date_time: z.string(),
      turns: z.array(
        z.object({ id: z.string(), speaker: z.string(), text: z.string(), caption: z.string().optional() }),
      ),
    }),
  ),
  questions: z.array(z.object({ question: z.string(), evidence: z.array(z.string()), category: z.number() })),
});
export type Conversation = z.infer<typeof conversation>;

/** LoCoMo's names for its categories of questions. */
export const categories: Record<number, string> = { 1: 'multi-hop', 2: 'temporal', 3: 'open-domain', 4: 'single-hop' };

/** The conversations in a folder, one JSON file each. The data is read where it lies and never copied. */
export function readConversations(folder: string): Conversation[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`no .json file in ${folder}`);
  return files.sort().map((name) => conversation.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))));
}

/** The turns as `POST /api/add-memory` takes them. A picture's caption is part of what was said; turns follow each other by a minute. */
export function toMemories({ id, sessions }: Conversation) {
  return sessions.flatMap(({ number, date_time, turns }) =>
    turns.map(({ id: turnId, speaker, text, caption }, i) => ({
      turnId,
      request: {
        user_id: `locomo-${id}`,
        text: caption ? `${text} [shares ${caption}]` : text,
        speaker,
        at: new Date(toTime(date_time) + i * 60_000).toISOString(),
        session_id: `session-${number}`,
        infer: false,
      },
    })),
  );
}

/** "1:56 pm on 8 May, 2023" in ms since 1970. */
function toTime(dateTime: string): number {
  const time = Date.parse(dateTime.replace(/^(.*) on (.*)$/, '$2 $1 UTC'));
  if (Number.isNaN(time)) throw new Error(`not a time: ${dateTime}`);
  return time;
}
