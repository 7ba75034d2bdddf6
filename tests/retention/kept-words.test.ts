import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { createProcessedMessages } from '../../shared/memory/processed-messages';
import { createGoals } from '../../shared/chat/goals';
import { createTranscript } from '../../shared/chat/transcript';
import { createExchanges, insertExchanges } from '../../shared/conversations/exchanges';
import type { Db } from '../../shared/database/client';
import { asService } from '../../shared/database/row-security';
import { outbox, processedMessages } from '../../shared/database/schema';
import { userBrainEvents } from '../../shared/database/schema-brain';
import { createRedaction } from '../../shared/redaction/redaction';
import { createKeptWords, type Owned } from '../../shared/retention/kept-words';
import { overEachEngine } from '../support/databases';

const limit = new Date('2026-02-01T00:00:00Z');
const [before, after] = [new Date(limit.getTime() - 1), limit];
const { signal } = new AbortController();

const anExchange = (userId: string, at: Date, memoryId: string | null) => ({
  ...{ id: `mem_${randomUUID()}`, operationId: randomUUID(), userId, sessionId: 's', callId: null },
  ...{ query: 'tea?', answer: 'tea!', tags: [], metadata: {}, at, memoryId, topic: null },
});

overEachEngine((database) => {
  const kept = () => createKeptWords(database());
  const nobody = async (memories: Owned[]) => expect(memories).toEqual([]);

  it('exchanges go with conversations, those that the provider has not made yet after somebody was told', async () => {
    const userId = randomUUID();
    const rows = [
      anExchange(userId, before, null),
      anExchange(userId, before, randomUUID()),
      anExchange(userId, after, null),
    ];
    await insertExchanges(await database().open(), rows);
    const told: Owned[] = [];
    const removed = await kept().remove('conversation', limit, async (unsent) => void told.push(...unsent), signal);
    expect(removed).toBe(2);
    expect(told).toEqual([{ id: rows[0]?.operationId, userId }]);
    const left = await createExchanges(database()).byUser(userId, 10);
    expect(left.map(({ id }) => id)).toEqual([rows[2]?.id]);
  });

  it('so do turns of chats, and the replies kept for messages that come again; notes of what was stored stay', async () => {
    const [transcript, userId] = [createTranscript(database()), randomUUID()];
    const turn = (at: Date) => ({
      ...{ id: randomUUID(), userId, conversationId: userId, isGroup: false, message: 'tea', reply: 'tea!' },
      ...{ personality: 'zen', tools: [], told: [], pending: null, at, extractedAt: at },
    });
    const [old, young] = [turn(before), turn(after)];
    for (const each of [old, young]) await transcript.keep(each);
    const db = await database().open();
    const answer = (door: string, at: Date) => ({ userId, door, messageId: `m-${at.getTime()}`, answer: true, at });
    await db
      .insert(processedMessages)
      .values([answer('chat', before), answer('chat', after), answer('add-memory', before), answer('outbox', before)]);
    expect(await kept().remove('conversation', limit, nobody, signal)).toBe(2);
    const { turns } = await transcript.recent({ conversationId: userId, userId }, 10);
    expect(turns.map(({ id }) => id)).toEqual([young.id]);
    const processed = createProcessedMessages(database());
    expect(await processed.find(userId, 'chat', `m-${before.getTime()}`)).toBeNull();
    for (const door of ['add-memory', 'outbox'])
      expect(await processed.find(userId, door, `m-${before.getTime()}`)).toBe(true);
    expect(await processed.find(userId, 'chat', `m-${after.getTime()}`)).toBe(true);
  });

  it('what facts were before goes with facts', async () => {
    const ownerId = randomUUID();
    const event = { ownerId, slug: 'user_role', event: 'add', source: 'us', previousContent: null } as const;
    const events = [before, after].map((at) => ({ ...event, id: randomUUID(), content: 'tea', at }));
    const left = (tx: Db) => tx.select().from(userBrainEvents).where(eq(userBrainEvents.ownerId, ownerId));
    const db = await database().open();
    await asService(db, (tx) => tx.insert(userBrainEvents).values(events));
    expect(await kept().remove('fact', limit, nobody, signal)).toBe(0);
    expect(await kept().remove('brain', limit, nobody, signal)).toBe(1);
    expect((await asService(db, left)).map(({ at }) => at)).toEqual([after]);
  });

  it('check-ins go with check-ins, and with no other type', async () => {
    const goals = createGoals(database(), () => limit, createRedaction({ REDACT: 'secrets' }));
    const userId = randomUUID();
    const checkIn = (at: Date) => ({
      ...{ id: randomUUID(), goalId: null, mood: 7, energy: null, note: 'tea', personality: null, at },
    });
    for (const at of [before, after]) await goals.logCheckIn(userId, checkIn(at));
    const left = async () => (await goals.listCheckIns(userId, { limit: 10, cursor: null })).items.length;
    for (const type of ['conversation', 'fact', 'goal'])
      expect(await kept().remove(type, limit, nobody, signal)).toBe(0);
    expect(await left()).toBe(2);
    expect(await kept().remove('check_in', limit, nobody, signal)).toBe(1);
    expect(await left()).toBe(1);
  });

  it('writes of the type that the provider refused for good go, those that wait stay', async () => {
    const row = (type: string, at: Date, state: 'dead' | 'waiting') => ({
      ...{ operationId: randomUUID(), userId: 'ana', state, nextAttemptAt: limit, createdAt: limit },
      write: {
        kind: 'add' as const,
        memory: {
          ...{ operationId: randomUUID(), userId: 'ana', utterances: [], type, topic: null, tags: [], metadata: {} },
          ...{ sessionId: null, at, expiresAt: null, infer: false },
        },
      },
    });
    const db = await database().open();
    const rows = [
      row('note', before, 'dead'),
      row('note', after, 'dead'),
      row('note', before, 'waiting'),
      row('x', before, 'dead'),
    ];
    await db.insert(outbox).values(rows);
    expect(await kept().remove('note', limit, nobody, signal)).toBe(1);
    const left = (await db.select({ id: outbox.operationId }).from(outbox)).map(({ id }) => id);
    expect(left.sort()).toEqual(
      rows
        .slice(1)
        .map(({ operationId }) => operationId)
        .sort(),
    );
  });
});
